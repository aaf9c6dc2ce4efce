"""What users do, and how often."""

import random
from collections import Counter

import pytest

from load.users.flows import Flow, courses
from load.users.mix import Mix, Share
from steadyline.operation import operation


def _operations(*names):
    def body(_client, _prepared):
        """Tells nothing."""

    return {name: operation(f"trace.{name}")(body) for name in names}


def _mix(*names, aliases=("a",)):
    found = _operations(*names)
    return Mix(tuple(Share(one, alias, 1.0) for alias in aliases for one in found.values()), ())


def _names(found):
    return {(course.flow or course.steps[0].name): course.alias for course in found.courses}


FLOW = Flow("trace.flow", ("trace.make", "trace.end"), 2.0)


def test_flow_whose_steps_may_all_run():
    """A flow stands beside its steps, which it does in its own order."""
    found = courses(_mix("end", "make"), {}, [FLOW])
    assert _names(found).keys() == {"trace.flow", "trace.make", "trace.end"}
    assert [step.name for step in found.courses[0].steps] == ["trace.make", "trace.end"]


def test_flow_with_a_step_missing():
    """A flow of which a step may not run is left out; the others of its steps stay."""
    assert _names(courses(_mix("end"), {}, [FLOW])).keys() == {"trace.end"}


@pytest.mark.parametrize(("flows", "expected"), [([FLOW], {"trace.flow", "trace.end"}), ([], {"trace.make", "trace.end"})])
def test_what_is_done_in_flows_only(flows, expected):
    """An operation of weight 0 is done within a flow; asked for without one, by itself."""
    assert _names(courses(_mix("make", "end"), {"trace.make": 0.0}, flows)).keys() == expected


def test_each_target():
    """Every target has its own courses."""
    found = courses(_mix("make", "end", aliases=("a", "b")), {}, [FLOW])
    assert Counter(course.alias for course in found.courses) == {"a": 3, "b": 3}


def test_weights():
    """Courses come as often as their weights say; one that no table names has the weight of others."""
    found = courses(_mix("make", "end", "own"), {"trace.make": 6.0, "trace.end": 1.0}, [FLOW])
    dice = random.Random(1)
    counted = Counter((course.flow or course.steps[0].name) for course in (found.pick(dice) for _ in range(10_000)))
    for name, weight in {"trace.make": 6, "trace.flow": 2, "trace.end": 1, "trace.own": 1}.items():
        assert counted[name] == pytest.approx(1000 * weight, rel=0.15)
