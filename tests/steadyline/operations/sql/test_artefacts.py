"""What counts as left by a crash on a SQL target: by the database's clock, whatever this host's says."""

import pytest

from steadyline.backend import RUN_LIFETIME_SECONDS


def _left_by_another(system):
    """The rows of a run that was not closed: two projects, and all in them."""
    another = system.client()
    assert another.working.id != another.dataset.id
    return sum(system.artefacts().values())


@pytest.mark.parametrize("hours", [-1000, 1000], ids=["behind", "ahead"])
def test_another_hosts_clock_does_not_matter(system, hours):
    """A live run's data is neither counted nor swept by a host whose clock is wrong; a crashed run's is."""
    left = _left_by_another(system)
    system.clock.seconds += hours * 3600
    janitor = system.client()
    assert (janitor.leaked(), janitor.sweep()) == (0, 0)
    system.age_rows(2 * RUN_LIFETIME_SECONDS + 1)
    assert (janitor.leaked(), janitor.sweep()) == (left, left)


def test_the_limit_is_twice_the_lifetime(system):
    """Twice the lifetime less a minute is young; a minute more is not."""
    left = _left_by_another(system)
    janitor = system.client()
    system.age_rows(2 * RUN_LIFETIME_SECONDS - 60)
    assert janitor.leaked() == 0
    system.age_rows(120)
    assert janitor.leaked() == left
