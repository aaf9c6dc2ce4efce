"""PromQL about load runs, as text. A run's id stands on `steadyline_run_info` alone, so that other series stay few.

Runs are told apart by the instance that they are served on and by the time: two of them may have had the same port.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from dashboards import queries
from dashboards.queries import INTERVAL, RATE, select
from steadyline.durations import promql
from steadyline.live import LIVE
from steadyline.load_vocabulary import FLOW_SUFFIX, LOAD_STARTED, RUN_END, RUN_STEADY
from steadyline.outcome import Reason
from steadyline.vocabulary import RUN_INFO, RUN_START, Driver, Metric

RUN = "run"
COMPARED, AGAINST = "compared", "against"
"""The two runs of the board that compares; its link from another board carries that one's `run`, which may be all of them."""
LOAD = f'driver="{Driver.LOAD}"'
WHOLE = f'operation!~".+{FLOW_SUFFIX}"'
"""What may be summed over operations: a flow's steps are counted already."""
FAILED = f'reason!="{Reason.CANCELLED}"'
"""Without what the end of a run cut short."""
HORIZON = "30d"
"""How old a run may be that is compared."""
COARSE_SECONDS = 300.0
"""A look for the last sample of a run steps so far, then a scrape at a time: thirty days in scrapes take seconds."""
NAMED = r'/name=" *(?<text>[^"]+?) *".*,run="(?<value>[^"]+)"/'
"""A run's id is the value, and its profile and shape are shown beside it."""
LONGEST_PAUSE_SECONDS = 60
"""A run without an end whose last sample is older than this is under way no more."""
_CHOSEN = select(RUN_INFO, LOAD, *queries.chosen(RUN))


def newest_first(over: str, *matchers: str) -> str:
    """The runs of a range by their start, each with a label `name` for people."""
    start = f"last_over_time({select(RUN_START, LOAD, *matchers)}[{over}])"
    info = f"max by (run, profile, shape) (last_over_time({select(RUN_INFO, LOAD, *matchers)}[{over}]))"
    found = f"max by (run) ({start}) * on (run) group_right () {info}"
    return f'sort_desc(label_join({found}, "name", " ", "run", "profile", "shape"))'


def chosen(expression: str) -> str:
    """While one of the runs that are chosen is on the same instance, or was since the point before."""
    return f"({expression}) and on (instance) ({lately('last_over_time', _CHOSEN)})"


def peak(selected: str) -> str:
    """A gauge of the runs that are chosen: its largest number since the point before, so that none is too short for a zoom."""
    return f"({chosen(lately('max_over_time', selected))})"


def lately(function: str, selected: str) -> str:
    """Of all samples since the point before; where there is none between, the latest.

    Args:
        function: such as `max_over_time`.
        selected: a gauge's series.
    """
    return f"{function}({selected}[{INTERVAL}]) or {selected}"


def rated(labels: str, selected: str) -> str:
    """Increase in a second, of the runs that are chosen."""
    by = f" by ({labels})" if labels else ""
    rate = f"rate({selected}[{RATE}])"
    return f"sum{by} ({chosen(rate)})"


def quantile(q: float, labels: str, buckets: str) -> str:
    """A quantile, of the runs that are chosen; nothing where nothing was counted."""
    return f"histogram_quantile({q:g}, {rated(f'{labels}, le' if labels else 'le', buckets)}) >= 0"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two runs that are compared, and the variables that say where it lies.

    Attributes:
        variable: whose value is the run's id; the others' names begin with it.
        word: what its columns and lines are called after.
    """

    variable: str
    word: str

    @property
    def places(self) -> Mapping[str, str]:
        """What places it in time, by the end of the variable's name; each is worked out with those before it."""
        return {"start": self._start, "seen": self._seen, "end": self._end, "seconds": self._seconds, "shift": self._shift}

    def place(self, name: str) -> str:
        """The variable of one of them, as a query has it."""
        return f"${{{self.variable}_{name}}}"

    @property
    def _start(self) -> str:
        """When it began, whole Unix seconds; 0 where there is no such run."""
        found = f"last_over_time({self.of(RUN_START)}[{HORIZON}])"
        return f"floor(max({found})) or vector(0)"

    @property
    def _seen(self) -> str:
        """Some moment of its last minutes, or its start: from there it is not far to its last sample."""
        moments = f"timestamp({self.of(RUN_INFO)})[{HORIZON}:{promql(COARSE_SECONDS)}]"
        return f"floor(max(max_over_time({moments}))) or vector({self.place('start')})"

    @property
    def _end(self) -> str:
        """When it ended; of a run that was killed, or is under way, its last sample."""
        ended = f"max(last_over_time({self.of(RUN_END)}[{HORIZON}]))"
        return f"ceil({ended} or {self.last_sample}) or vector(0)"

    @property
    def last_sample(self) -> str:
        """When its last sample was."""
        ahead = promql(COARSE_SECONDS + 2 * LIVE.scrape_seconds)
        moments = f"timestamp({self.of(RUN_INFO)})[{ahead}:{promql(LIVE.scrape_seconds)}]"
        return f"max(max_over_time({moments} @ {self.place('seen')} offset -{ahead}))"

    @property
    def _seconds(self) -> str:
        """How long it was steady until it ended; as a whole where it never was."""
        steady = f"max(last_over_time({self.of(RUN_STEADY)}[{HORIZON}]))"
        begun = f"(ceil({steady}) or vector({self.place('start')}))"
        return f"clamp_min({self.place('end')} - {begun}, 1)"

    @property
    def _shift(self) -> str:
        """By how much it is moved so that it begins at the left edge of the time shown."""
        return f"round(vector(time() - $__range_s - {self.place('start')}))"

    def of(self, metric: Metric) -> str:
        """A series that has the run's id as a label."""
        return select(metric, LOAD, f'run="${self.variable}"')

    @property
    def _offset(self) -> str:
        return f"offset {self.place('shift')}s"

    @property
    def _at(self) -> str:
        return f"@ {self.place('end')}"

    @property
    def info(self) -> str:
        """Its facts as labels, whenever it was."""
        return f"max by (instance, run, profile, shape, revision) ({self.of(RUN_INFO)} {self._at})"

    def moment(self, metric: Metric) -> str:
        """A timestamp of it, Unix seconds, whenever it was."""
        return f"max(last_over_time({self.of(metric)}[{HORIZON}]))"

    def level(self, selected: str) -> str:
        """A gauge, aligned at its start."""
        return f"({selected} {self._offset}) and on (instance) ({self.of(RUN_INFO)} {self._offset})"

    def rate(self, selected: str) -> str:
        """A counter's increase in a second, aligned; not while another run of that instance is still in the range."""
        other = select(RUN_INFO, LOAD, f'run!="${self.variable}"')
        level = f"rate({selected}[{RATE}] {self._offset}) and on (instance) ({self.of(RUN_INFO)} {self._offset})"
        return f"{level} unless on (instance) present_over_time({other}[{RATE}] {self._offset})"

    def increase(self, labels: str, selected: str) -> str:
        """A counter's increase in the steady phase, summed by these labels, whenever the run was."""
        return f"sum by ({labels}) ({self._whole('increase', selected)})"

    def most(self, selected: str) -> str:
        """A gauge's largest number in the steady phase, whenever the run was."""
        return self._whole("max_over_time", selected)

    def _whole(self, function: str, selected: str) -> str:
        over = f"{function}({selected}[{self.place('seconds')}s] {self._at})"
        return f"({over} and on (instance) ({self.of(RUN_INFO)} {self._at}))"


THIS = Side(COMPARED, "run")
OTHER = Side(AGAINST, "against")
SIDES = (THIS, OTHER)


def operations() -> str:
    """The operations of either run, each once."""
    found = (f"({LOAD_STARTED.name} @ {side.place('end')} and on (instance) {side.info})" for side in SIDES)
    return f"count by (operation) ({' or '.join(found)})"
