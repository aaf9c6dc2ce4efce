"""The life of a run-scoped project, over a store in memory that fails when it is told to."""

from dataclasses import dataclass, field

import pytest

from steadyline.backend import RUN_LIFETIME_SECONDS, RUN_PREFIX
from steadyline.operations.renewal import GRACE_SECONDS, RECHECK_SECONDS, RETRY_SECONDS, ClientClosedError, RenewedProject


class DownError(Exception):
    """The store is down."""


@dataclass
class Memory:
    """Projects by id, and how often it was asked what."""

    kind: str = "memory"
    failures: tuple = (DownError,)
    projects: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)
    down_for: tuple = ()
    stuck: str = ""

    def _ask(self, what):
        self.asked.append(what)
        if what in self.down_for:
            raise DownError

    def make(self, project_id, name):
        """Keep a project; one that is lost on the way back is kept all the same."""
        self.projects[project_id] = name
        self._ask("make")
        return ("a", "b")

    def is_there(self, project_id):
        """Look."""
        self._ask("is_there")
        return project_id in self.projects

    def delete(self, project_id):
        """Forget."""
        self._ask("delete")
        if project_id == self.stuck:
            raise DownError
        return 0 if self.projects.pop(project_id, None) is None else 3


class Life:
    """A project, its store, and a clock that a test moves."""

    def __init__(self):
        self.now = 1_000_000.0
        self.store = Memory()
        self.project = RenewedProject(self.store, lambda: self.now)

    def after(self, seconds):
        """The project that is in use so much later."""
        self.now += seconds
        return self.project.current()


@pytest.fixture
def life():
    """A project that was not needed yet."""
    return Life()


def test_made_when_needed(life):
    """Nothing is asked before the first need; then one is made, and used without asking again."""
    assert (life.store.asked, life.project.held, life.project.ids) == ([], None, set())
    first = life.after(0)
    assert (first.items, life.after(1), life.store.asked) == (("a", "b"), first, ["make"])
    assert life.store.projects[first.id] == f"{RUN_PREFIX}memory-{first.id}"


@pytest.mark.parametrize(("age", "renewed"), [(RUN_LIFETIME_SECONDS - 1, False), (RUN_LIFETIME_SECONDS, True)])
def test_renewed_at_its_lifetime(life, age, renewed):
    """A project is used until its lifetime is over, and not a moment longer."""
    assert (life.after(0) != life.after(age)) == renewed


def test_predecessor_stays_for_a_while(life):
    """A predecessor is deleted once no attempt can still need it, and is never a leak before it is overdue."""
    first, second = life.after(0), life.after(RUN_LIFETIME_SECONDS)
    life.after(GRACE_SECONDS - 1)
    assert (set(life.store.projects), life.project.overdue) == ({first.id, second.id}, set())
    life.after(1)
    assert set(life.store.projects) == life.project.ids == {second.id}


def test_missing_project_is_made_anew(life):
    """A project that went away under us is noticed within a minute, with one question a minute."""
    first = life.after(0)
    life.store.projects.clear()
    assert life.after(RECHECK_SECONDS - 1) == first
    second = life.after(1)
    assert second != first
    assert life.after(RECHECK_SECONDS) == life.after(RECHECK_SECONDS - 1) == second
    assert life.store.asked.count("is_there") == 2


def test_missing_project_that_cannot_be_made(life):
    """A project that went away is made anew by the next attempt that can: one that could not costs no other minute."""
    first = life.after(0)
    life.store.projects.clear()
    life.store.down_for = ("make",)
    for _ in range(2):
        with pytest.raises(DownError):
            life.after(RECHECK_SECONDS)
    life.store.down_for = ()
    assert life.after(1) != first


def test_failing_deletion_fails_nobody(life):
    """A predecessor that cannot be deleted is overdue, is tried again later, and costs no attempt anything."""
    first, second = life.after(0), life.after(RUN_LIFETIME_SECONDS)
    life.store.down_for = ("delete",)
    assert life.after(GRACE_SECONDS) == second
    assert life.after(GRACE_SECONDS + 1) == second
    assert life.store.asked.count("delete") == 1
    assert life.project.overdue == {first.id}
    life.store.down_for = ()
    life.after(RETRY_SECONDS)
    assert (set(life.store.projects), life.project.overdue) == ({second.id}, set())


def test_overdue_is_deleted_when_asked(life):
    """The janitor deletes what is overdue, and only that."""
    life.after(0)
    second = life.after(RUN_LIFETIME_SECONDS)
    assert life.project.delete_overdue() == 0
    life.now += 2 * GRACE_SECONDS + 1
    assert life.project.delete_overdue() == 3
    assert set(life.store.projects) == {second.id}


def test_failed_making_is_ours(life):
    """A project whose making failed, perhaps after it was made, fails the attempt and is deleted later."""
    life.store.down_for = ("make",)
    with pytest.raises(DownError):
        life.after(0)
    (lost,) = life.store.projects
    assert life.project.ids == {lost}
    life.store.down_for = ()
    first = life.after(1)
    life.after(GRACE_SECONDS)
    assert set(life.store.projects) == life.project.ids == {first.id}


def test_failed_renewal_keeps_the_old_one(life):
    """Where renewing fails, the old project stays ours, and the next need renews again."""
    first = life.after(0)
    life.store.down_for = ("make",)
    with pytest.raises(DownError):
        life.after(RUN_LIFETIME_SECONDS)
    assert first.id in life.project.ids
    life.store.down_for = ()
    assert life.after(1) != first


def test_closed(life):
    """Closing deletes all that is ours, predecessors too, and a later need is refused."""
    life.after(0)
    life.after(RUN_LIFETIME_SECONDS)
    life.project.close()
    assert (life.store.projects, life.project.ids) == ({}, set())
    with pytest.raises(ClientClosedError):
        life.after(1)


@pytest.mark.parametrize("way", ["close", "delete_overdue"])
def test_one_stuck_keeps_no_other_alive(life, way):
    """Each is tried: of three projects the one that cannot be deleted stays ours, and its failure is told."""
    life.store.down_for = ("delete",)
    first = life.after(0)
    life.after(RUN_LIFETIME_SECONDS)
    third = life.after(RUN_LIFETIME_SECONDS)
    life.now += 2 * GRACE_SECONDS + 1
    life.store.down_for, life.store.stuck = (), first.id
    with pytest.raises(DownError):
        getattr(life.project, way)()
    assert set(life.store.projects) == life.project.ids == {first.id} | ({third.id} if way == "delete_overdue" else set())


def test_closed_while_down(life):
    """What cannot be deleted when closing stays ours, for whoever asks; a sweep of a later run finds it."""
    first = life.after(0)
    life.store.down_for = ("delete",)
    with pytest.raises(DownError):
        life.project.close()
    assert life.project.ids == {first.id}
