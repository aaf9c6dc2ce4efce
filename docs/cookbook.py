"""The cookbook: what people ask in an incident or a review, as PromQL, and how to read the answer; docs/promql.md is it."""

from dashboards.runs import FAILED, WHOLE
from docs.question import Group, Question
from docs.questions import failing, judge, load, memory, now, review, slower, where
from steadyline.live import LIVE
from steadyline.outcome import Reason

__all__ = ["QUESTIONS", "Group", "Question", "page"]

QUESTIONS: tuple[Question, ...] = (
    *now.QUESTIONS,
    *slower.QUESTIONS,
    *failing.QUESTIONS,
    *where.QUESTIONS,
    *load.QUESTIONS,
    *memory.QUESTIONS,
    *judge.QUESTIONS,
    *review.QUESTIONS,
)
"""All, in the order of the page."""
_SCRAPES = 4
"""Samples that a rate needs to survive a lost scrape."""

_HEAD = f"""# Asking Prometheus

{len(QUESTIONS)} questions that come up in an incident or a review: the query to paste, and how to read what comes. Put your
own operations, targets and times into them; [metrics](metrics.md) says what each series means, the [runbook](runbook.md) what
to do for each alert.

- a `_total`, `_count`, `_sum` or `_bucket` is a counter: `rate` or `increase` first, sum after. A gauge gets `deriv`, `delta`
  or `…_over_time`.
- a range holds at least {_SCRAPES} scrapes, {_SCRAPES * LIVE.scrape_seconds:g} s; what is probed each 10 s needs minutes for
  more than a handful of samples.
- percentiles are never averaged, nor added: sum the buckets by `le`, then take the quantile. Over several operations take the
  edges of the ladder only.
- a sum over operations leaves flows out, whose steps are counted already: `{WHOLE}`. A share of what failed leaves out
  `{Reason.CANCELLED}`, what the end of a load run cut short: `{FAILED}`.
- series of rules (`steadyline:…`) have no `instance`, scraped ones do: match with `on (operation, backend, target, driver)`.
- nothing is not zero: a comparison leaves out what does not hold. Where a healthy system answers nothing, it says so.
"""


def _told(one: Question) -> str:
    empty = f" *Empty until {one.empty_until}.*" if one.empty_until else ""
    return f"### {one.question}\n\n```promql\n{one.query}\n```\n\n{one.reading}{empty}\n"


def page() -> str:
    """docs/promql.md."""
    lines = [_HEAD]
    for group in Group:
        lines += [f"## {group}\n", *(_told(one) for one in QUESTIONS if one.group is group)]
    return "\n".join(lines)
