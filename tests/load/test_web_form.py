"""Shape, profile and arrival rate chosen in the form of Locust's own page, over HTTP."""

import pytest
from shaped_run import Page


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """Locust's page, which the tests share one after the other."""
    one = Page(tmp_path_factory.mktemp("page"))
    yield one
    one.close()


@pytest.fixture(scope="module")
def picker(tmp_path_factory):
    """The page of a Locust with --class-picker."""
    one = Page(tmp_path_factory.mktemp("picker"), "--class-picker")
    yield one
    one.close()


def test_the_page_offers_them(page):
    """The form has our shapes and suggests our profiles."""
    text = page.get("/")
    assert '"all_profiles": ["low", "medium", "high"]' in text
    assert '"choices": ["constant", "ramp", "step", "spike", "soak", "breakpoint"]' in text


def test_a_shape_is_run(page):
    """The shape that was chosen runs, over the users and the time of the form."""
    facts = page.run(shape="step", user_count="20", spawn_rate="100", run_time="1m")
    assert (facts["shape_class"], facts["shape"], facts["users"], facts["run_time"]) == ("SteadylineShape", "step", 4, 60)


def test_constant_is_locusts_own(page):
    """After a run with a shape the constant load is Locust's own again, and an empty run time is none."""
    facts = page.run(shape="constant", user_count="3", spawn_rate="10")
    assert (facts["shape_class"], facts["users"], facts["run_time"]) == (None, 3, None)


def test_another_profile_is_refused(page):
    """A text that is no profile is refused with the sentence of the command line, and nothing runs."""
    answer = page.swarm(profile="nightly")
    assert not answer["success"]
    assert answer["message"] == "there is no profile 'nightly'; --profile takes low, medium, high"


def test_no_such_shape(page):
    """Nor does a shape run that does not exist."""
    assert "there is no shape 'sine'" in page.swarm(shape="sine")["message"]


def test_a_profile_fills_in_what_was_not_said(page):
    """Fields as the page shows them by itself follow the profile, one that was changed stays, the next profile as well."""
    low = page.run(profile="low")
    assert (low["profile"], low["users"], low["spawn_rate"], low["run_time"]) == ("low", 10, 5, 180)
    own = page.run(profile="medium", user_count="3", spawn_rate="5", run_time="180")
    assert (own["profile"], own["users"], own["spawn_rate"], own["run_time"]) == ("medium", 3, 10, 240)
    soak = page.run(profile="medium", shape="soak", user_count="50", spawn_rate="10", run_time="240")
    assert (soak["shape"], soak["run_time"]) == ("soak", 1800)
    none = page.run(user_count="7", spawn_rate="10")
    assert (none["profile"], none["users"], none["run_time"]) == (None, 7, None)


def test_an_arrival_rate_can_be_cleared(page):
    """A rate of the form is taken, and an empty field is none, also after a run that had one."""
    assert page.run(arrival_rate="500")["rate"] == "500"
    assert page.run(arrival_rate="")["rate"] is None


def test_what_the_check_says_is_shown(page):
    """Options that cannot be run are refused before anything starts."""
    answer = page.swarm(arrival_rate="13")
    assert (answer["success"], answer["message"]) == (False, "13 is not liked here")


def test_a_run_of_a_shape_is_not_changed(page):
    """While a shape runs, the form is refused and says what to do; the shape goes on."""
    assert page.swarm(shape="step", user_count="20", run_time="60")["success"]
    while "users" not in page.next_told():
        pass
    answer = page.swarm(shape="spike", user_count="99")
    assert (answer["success"], answer["message"]) == (
        False,
        "a run of the shape step is under way; stop it first, then start another",
    )
    page.stop()


def test_a_constant_run_can_be_changed(page):
    """The users of a constant load change under way, as Locust has it; to another shape it does not go over."""
    assert page.swarm(user_count="2", spawn_rate="10")["success"]
    while page.next_told().get("users") != 2:
        pass
    assert not page.swarm(shape="ramp")["success"]
    assert page.swarm(user_count="4", spawn_rate="10", shape="constant")["success"]
    while page.next_told().get("users") != 4:
        pass
    page.stop()


def test_with_the_class_picker(picker):
    """Locust's picker of user classes, which sets a shape of its own, leaves ours."""
    assert picker.run(shape="ramp", run_time="60", shape_class="Default")["shape_class"] == "SteadylineShape"
    assert picker.run(shape="constant", shape_class="Default")["shape_class"] is None
