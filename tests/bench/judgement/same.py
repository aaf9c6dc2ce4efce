"""The gate over run sets of one and the same program: it must exit with 0."""

import math
import random
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product

from benchmark_names import FOLDER, measured_in
from draws import Draw, at_random, one_after_the_other
from paired import Figure
from record import RunSets, run_sets
from sequential import ALARMS, PASSES, Concluded, concluded, exit_code, held
from subject import Found, Tell, percent, table

from alerts.judgement.gate import Family
from steadyline.baseline import GATE_MOST_RUNS, most_specific
from steadyline.baselines import default_tolerance, load_sourced
from steadyline.severity import Verdict
from steadyline.vocabulary import Driver

COMPARISONS = 200
BASELINE_RUNS = (10, 20, 30)
ASKED = 0.95
SEED = 9
SPOILERS = 8
AT_RANDOM, IN_A_ROW = ORDERS = ("drawn at random", "one after the other, as recorded")
SEEDS_TESTS = {
    "test_database_performance.py": 19,
    "test_bulk_operations_performance.py": 12,
    "test_concurrent_performance.py": 8,
}
"""How many tests the Trace seed has in each file; ours have more, in the same order of subjects."""
EXITS = {0: "passes", 1: "an alarm", 3: "not settled"}


@dataclass(slots=True)
class Tally:
    """What the comparisons came to.

    Attributes:
        exits: how many ended with which exit code.
        spoilers: by operation, how often it got which verdict that is no pass.
        alarms: warnings and worse, of single operations.
        judged: comparisons of single operations.
        runs: current runs that they took.
    """

    exits: Counter[int] = field(default_factory=Counter)
    spoilers: dict[str, Counter[Verdict]] = field(default_factory=dict)
    alarms: int = 0
    judged: int = 0
    runs: int = 0

    def count(self, found: Mapping[str, Concluded]) -> None:
        """Count one comparison over all operations."""
        self.exits[exit_code(one.verdict for one in found.values())] += 1
        for name, one in found.items():
            self.judged += 1
            self.runs += one.runs
            self.alarms += one.verdict in ALARMS
            if one.verdict not in PASSES:
                self.spoilers.setdefault(name, Counter())[one.verdict] += 1

    @property
    def passing(self) -> float:
        """The share that exits with 0."""
        return self.exits[0] / self.exits.total()


def compared(sets: RunSets, draws: Iterable[Draw], tolerances: Mapping[str, float]) -> Tally:
    """Each draw as one run of the gate over all operations that have a tolerance here."""
    tally, family = Tally(), Family(len(tolerances))
    for draw in draws:
        tally.count({name: _one(sets.run_means[name], draw, tolerances[name], family) for name in tolerances})
    return tally


def _one(run_means: tuple[float, ...], draw: Draw, tolerance: float, family: Family) -> Concluded:
    baseline = held([run_means[index] for index in draw.baseline], tolerance)
    return concluded(baseline, [run_means[index] for index in draw.current], family)


def tolerances(names: Iterable[str]) -> dict[str, float]:
    """The one that each operation's recorded baseline would have."""
    sourced, default = load_sourced(), default_tolerance()
    found = {name: most_specific(sourced, name, "embedded", Driver.BENCH) for name in names}
    return {name: baseline.tolerance if baseline else default for name, baseline in found.items()}


def seeds_own(names: Iterable[str]) -> list[str]:
    """As many of each of the three files' operations as the Trace seed counts tests in it."""
    among, chosen = set(names), []
    for file, tests in SEEDS_TESTS.items():
        measured = [operation for found in measured_in(FOLDER / file).values() for operation in found]
        chosen += [name for name in measured if name in among][:tests]
    return chosen


def found(tell: Tell) -> Found:
    """For each number of baseline runs, over as many operations as the seed has tests, and over all that there are."""
    sets = run_sets()
    every = tolerances(sets.run_means)
    seeds = {name: every[name] for name in seeds_own(every)}
    cases = list(product((seeds, every), BASELINE_RUNS, ORDERS))
    outcome, tallies = Found(), {}
    for done, (among, runs, order) in enumerate(cases):
        tell(done, len(cases))
        if order == AT_RANDOM:
            draws = at_random(random.Random(SEED), sets.rounds, runs, COMPARISONS)
        else:
            draws = one_after_the_other(sets.rounds, runs)
        tallies[len(among), runs, order] = tally = compared(sets, draws, among)
        if order == AT_RANDOM:
            outcome.figures.append(_figure(len(among), runs, tally))
    outcome.tables = [_exits(tallies), _spoilers(tallies[len(every), BASELINE_RUNS[0], AT_RANDOM], sets)]
    return outcome


def _figure(operations: int, runs: int, tally: Tally) -> Figure:
    what = f"the gate over {operations} operations exits with 0, {runs} baseline runs, of {tally.exits.total()} comparisons"
    return Figure(what, f">= {percent(ASKED)}", percent(tally.passing), tally.passing >= ASKED)


def _exits(tallies: Mapping[tuple[int, int, str], Tally]) -> str:
    head = ["operations", "baseline runs", "rounds", "comparisons", *(f"exit {code}: {says}" for code, says in EXITS.items())]
    head += ["alarms of single operations", "runs each"]
    rows = []
    for (operations, runs, order), tally in tallies.items():
        exits = [percent(tally.exits[code] / tally.exits.total()) for code in EXITS]
        alarms = f"{tally.alarms} of {tally.judged}"
        rows.append(
            [str(operations), str(runs), order, str(tally.exits.total()), *exits, alarms, f"{tally.runs / tally.judged:.1f}"]
        )
    says = f"5 to {GATE_MOST_RUNS} current runs, each operation's own tolerance; a comparison is one run of the gate:"
    return table(says, head, rows)


def _spoilers(tally: Tally, sets: RunSets) -> str:
    """Whose noise it is."""
    worst = sorted(tally.spoilers.items(), key=lambda one: -one[1].total())[:SPOILERS]
    rows = []
    for name, verdicts in worst:
        logs = [math.log(mean) for mean in sets.run_means[name]]
        told = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.most_common())
        mean = math.exp(statistics.fmean(logs))
        rows.append([f"`{name}`", f"{mean * 1e3:.3g} ms", percent(statistics.stdev(logs)), told])
    if not rows:
        return f"With {BASELINE_RUNS[0]} baseline runs drawn at random every operation passed each time."
    says = f"Who passed least, {BASELINE_RUNS[0]} baseline runs drawn at random; spread of all their run means:"
    return table(says, ["operation", "mean", "spread", "did not pass"], rows)
