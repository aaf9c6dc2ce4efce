"""The account of one attempt, as people read it."""

from exporters.single import Single, Step
from steadyline import catalogue
from steadyline.outcome import Outcome


def test_phases_stand_in_the_order_of_a_request() -> None:
    """Whichever the client told first: a connection is made before an answer comes."""
    outcome = Outcome(0.006, None, 1, 10, 20, {"transfer": 0.001, "connect": 0.002, "first_byte": 0.003})
    single = Single(catalogue.operations()["s3.range_read"], "embedded", outcome, (Step("body", 0.006),))
    assert list(single.phases) == ["connect", "first_byte", "transfer"]
    told = [line.split(":")[0] for line in single.lines() if line.startswith("  phase")]
    assert told == ["  phase connect", "  phase first_byte", "  phase transfer"]
