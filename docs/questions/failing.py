"""Failures: which, why, and what they use up."""

from dashboards.queries import select
from dashboards.runs import FAILED
from docs.question import NO_FLOWS, PROBE, Group, Question
from steadyline.live import LIVE
from steadyline.outcome import Reason
from steadyline.vocabulary import OPERATION_DURATION, OPERATION_FAILURES

_BUSY = f'reason=~"{Reason.TIMEOUT}|{Reason.THROTTLED}|{Reason.POOL_EXHAUSTED}"'
_UNREACHABLE = f'reason=~"{Reason.DNS}|{Reason.CONNECT}|{Reason.TLS}|{Reason.AUTH}"'
_WRONG = f'reason=~"{Reason.CLIENT_ERROR}|{Reason.SERVER_ERROR}|{Reason.CONFLICT}|{Reason.INTEGRITY}"'


def _failures(over: str, *matchers: str) -> str:
    return f"sum by (backend, target) (increase({select(OPERATION_FAILURES, NO_FLOWS, *matchers)}[{over}]))"


def _share(over: str, labels: str, *matchers: str) -> str:
    failed = f"sum by ({labels}) (rate({select(OPERATION_FAILURES, *matchers, FAILED)}[{over}]))"
    succeeded = f"sum by ({labels}) (rate({select(OPERATION_DURATION, *matchers, suffix='_count')}[{over}]))"
    return f"{failed}\n  / ({failed} + {succeeded})"


QUESTIONS = (
    Question(
        "Which backend fails, and why?",
        f"sort_desc(sum by (backend, target, driver, reason) (increase({select(OPERATION_FAILURES, NO_FLOWS)}[1h])) > 0)",
        "Failures in the last hour by reason, of a closed list. Nothing is good. `increase` extrapolates: 2 failures may read "
        "as 2.01. One reason over all operations: the way to the backend; one operation alone: what it asks. "
        f"`{Reason.CANCELLED}` is what the end of a load run cut short: no failure of the backend, and in no share below.",
        Group.FAILING,
        empty_until="an attempt fails",
    ),
    Question(
        "Which share of attempts fails?",
        f"sort_desc({_share('5m', 'backend, target, driver', NO_FLOWS)})",
        f"0 is good, {LIVE.failing_fraction:g} is told. Attempts are failures and successes: the histogram "
        "counts successes alone, so dividing by its count gives more than there is, and nothing when everything fails.",
        Group.FAILING,
    ),
    Question(
        "Which operations fail most?",
        f"topk(10, {_share('15m', 'operation, target, driver')} > 0)",
        "Nothing is good. If these are all writes: rights, disk or locks. If all large ones: timeouts. See one with "
        "`steadyline probe NAME --debug`.",
        Group.FAILING,
        empty_until="an attempt fails",
    ),
    Question(
        "Is the backend overloaded?",
        f"{_failures('15m', _BUSY)}\n  / ({_failures('15m', FAILED)} > 0)",
        "The share of failures that say `too much`: timeouts, throttling, no connection free. Near 1: less load, or more of "
        "the backend. Nothing is good: nothing failed.",
        Group.FAILING,
        empty_until="an attempt fails",
    ),
    Question(
        "Is the backend out of reach?",
        _failures("15m", _UNREACHABLE),
        "Failures on the way there: names, connections, certificates, credentials. 0 is good. Above: nothing was asked, so no "
        "latency of that time means anything.",
        Group.FAILING,
    ),
    Question(
        "Does it answer, but wrongly?",
        _failures("1h", _WRONG),
        f"0 is good. `{Reason.INTEGRITY}` is the worst of all: an answer came, and was not what had been written. "
        f"`{Reason.CONFLICT}` under load is contention. `{Reason.CLIENT_ERROR}` after a deployment: the interface changed.",
        Group.FAILING,
    ),
    Question(
        "How much error budget is left?",
        f"1 - ({_share('1d', 'backend, target', PROBE, NO_FLOWS)}) / 0.01",
        "Of 1 % of a day's attempts that may fail (put your own for 0.01): 1 is untouched, 0 used up, below 0 overdrawn. With "
        "less than a day of data it is that of what there is. Take the range as long as your objective's: 30d. Attempts weigh "
        "alike here, whatever their operation.",
        Group.FAILING,
    ),
    Question(
        "How fast does the error budget burn?",
        f"({_share('1h', 'backend, target', PROBE, NO_FLOWS)}) / 0.01",
        "1 uses up exactly the budget in its period; 14 in an hour is 2 % of a month's. Above 14 for an hour: act now; above "
        "1 for days: plan. One failed attempt of a thousand is 0.1.",
        Group.FAILING,
    ),
)
