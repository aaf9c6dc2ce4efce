"""Alertmanager's decisions, made again: each case is as Alertmanager's documentation has it."""

import pytest

from alerts.rules.alertmanager import configuration
from deploy.doctor.routing import Matcher, integrations, parse, receivers
from steadyline.settings import Settings
from steadyline.vocabulary import AlertName

MATCHERS = {
    "equal": ('severity="critical"', Matcher("severity", "critical")),
    "not equal": ('severity != "critical"', Matcher("severity", "critical", is_equal=False)),
    "regex": ("severity=~warning|info", Matcher("severity", "warning|info", is_regex=True)),
    "not regex": ('a!~"b\\"c"', Matcher("a", 'b"c', is_regex=True, is_equal=False)),
}
FITS = {
    "equal": (Matcher("a", "b"), {"a": "b"}, True),
    "another": (Matcher("a", "b"), {"a": "c"}, False),
    "a label that is not there is empty": (Matcher("a", ""), {}, True),
    "regex is anchored": (Matcher("a", "b", is_regex=True), {"a": "bb"}, False),
    "not regex": (Matcher("a", "b.*", is_regex=True, is_equal=False), {"a": "c"}, True),
    "regex of another dialect fits nothing": (Matcher("a", r"\p{Greek}(", is_regex=True), {"a": "b"}, False),
}
TREE = {
    "receiver": "root",
    "routes": [
        {"matchers": ['a="1"'], "receiver": "first", "continue": True},
        {"match": {"a": "1"}, "routes": [{"match_re": {"b": "x|y"}, "receiver": "deep"}]},
        {"matchers": ['a="1"'], "receiver": "never"},
    ],
}
REACHED = {
    "nothing fits": ({"a": "2"}, ["root"]),
    "it continues, and inherits": ({"a": "1"}, ["first", "root"]),
    "the deepest": ({"a": "1", "b": "y"}, ["first", "deep"]),
}


@pytest.mark.parametrize(("text", "found"), MATCHERS.values(), ids=MATCHERS)
def test_matchers_are_read_as_they_are_written(text, found):
    """Quoted or not, with each of the four signs."""
    assert parse(text) == found


@pytest.mark.parametrize(("matcher", "labels", "found"), FITS.values(), ids=FITS)
def test_a_matcher_fits(matcher, labels, found):
    """As Alertmanager matches."""
    assert matcher.fits(labels) is found


@pytest.mark.parametrize(("labels", "found"), REACHED.values(), ids=REACHED)
def test_routes_end_in_receivers(labels, found):
    """The first child that fits, and those after it where it continues."""
    assert list(receivers(TREE, labels)) == found


def test_our_own_configuration_tells_somebody():
    """Critical alerts and the heartbeat reach receivers with an integration."""
    own = configuration(Settings())
    told = integrations(own)
    for labels in ({"severity": "critical"}, {"severity": "info"}, {"alertname": AlertName.WATCHDOG}):
        assert all(told[name] for name in receivers(own["route"], labels))
