"""What every operation and every client owes, over every backend; a new backend joins in conftest.py."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from steadyline.backend import RUN_LIFETIME_SECONDS, RUN_PREFIX
from steadyline.outcome import Reason

LONG_PAST = 2 * RUN_LIFETIME_SECONDS + 60
"""Not to the second: servers date their answers by a clock that they look at once a second."""


def ok(outcome):
    """The outcome, which must be a success."""
    assert outcome.ok, (outcome.reason, outcome.detail)
    return outcome


def test_succeeds_and_leaves_nothing_behind(system, name):
    """An operation on an empty system succeeds each time with the items it says, and leaves as many artefacts as it found.

    Soft-deleted ones count. So it is too after a body that failed when it had written; a closed client leaves none.
    """
    operation = system.operations()[name]
    assert operation.verify is not None
    assert operation.timeout_seconds <= operation.budget_seconds
    client = system.client()
    attempt = system.attempt(client)
    assert ok(attempt(operation)).items == operation.items
    before = system.artefacts()
    assert ok(attempt(operation)).items == operation.items
    assert system.artefacts() == before

    def fails(client, prepared):
        operation.body(client, prepared)
        raise TimeoutError

    assert attempt(replace(operation, body=fails)).reason is Reason.TIMEOUT
    assert system.artefacts() == before
    if operation.probe_every_seconds:
        assert ok(attempt(operation)).items == operation.items
        assert system.artefacts() == before
    client.close()
    assert system.artefacts() == system.nothing


def test_writes_exactly_when_it_says_so(system, name):
    """A fresh client's first attempt commits a write exactly when the operation is declared to write."""
    operation = system.operations()[name]
    system.add_users_data()
    before = system.writes_seen()
    ok(system.attempt(system.client())(operation))
    assert (system.writes_seen() != before) == operation.writes


def test_read_only_target(system, name):
    """On a read-only target the operations that do not write succeed on what is there; the others are refused, loudly."""
    operation = system.operations()[name]
    system.add_users_data()
    client = system.client(allow_writes=False)
    client.check()
    before, seen = system.artefacts(), []
    outcome = system.attempt(client, on_bug=lambda _operation, error: seen.append(str(error)))(operation)
    assert outcome.ok != operation.writes
    assert bool(seen) == operation.writes
    assert system.artefacts() == before


def test_wrong_answer(system, name):
    """An answer that is not the right one is no success: its reason is integrity."""
    operation = system.operations()[name]
    system.add_users_data()

    def body(client, prepared):
        system.damage(name)
        result = operation.body(client, prepared)
        system.damage(name)
        return result

    outcome = system.attempt(system.client())(replace(operation, body=body))
    assert outcome.reason is Reason.INTEGRITY, outcome.detail
    assert outcome.items == 0


def test_side_by_side(system):
    """All operations at once on one new client, those light enough to be probed thrice, succeed and leave nothing."""
    client = system.client()
    attempt = system.attempt(client)
    allowed = system.target().concurrency
    every, light = ([o for o in of if 6 * o.concurrency <= allowed] for of in (system.operations().values(), _light(system)))
    at_once = [*light, *every, *light]
    start = threading.Barrier(6)

    def run(share):
        start.wait()
        return [attempt(operation) for operation in share]

    with ThreadPoolExecutor(6) as threads:
        outcomes = [outcome for done in threads.map(run, [at_once[n::6] for n in range(6)]) for outcome in done]
    for outcome in outcomes:
        ok(outcome)
    client.close()
    assert system.artefacts() == system.nothing


def test_users_data_is_left_alone(system):
    """Neither operations nor sweeping nor closing touch what others wrote, however old it is."""
    system.add_users_data()
    before = system.artefacts()
    client = system.client()
    attempt = system.attempt(client)
    for operation in system.operations().values():
        ok(attempt(operation))
    assert client.leaked() == 0
    assert client.sweep() == 0
    client.close()
    assert system.artefacts() == before


def test_some_operation_reads_what_is_there(system):
    """Every backend can be measured without being written to, and the answer is what is there."""
    system.add_users_data()
    client = system.client(allow_writes=False)
    readers = [operation for operation in system.operations().values() if not operation.writes]
    assert readers
    assert all(operation.prepare is None for operation in readers)
    answers = [operation.body(client, None) for operation in readers]
    counts = [len(answer) for answer in answers if isinstance(answer, list)]
    assert counts
    assert all(count == system.reads for count in counts)


def test_renewed(system):
    """Run-scoped data is renewed within the hour, and the one before is deleted for good a little later."""
    client = system.client()
    attempt = system.attempt(client)
    first, lasting = _first_use(system, attempt)
    system.clock.seconds += RUN_LIFETIME_SECONDS
    both = _use(system, attempt, lasting)
    assert first < both
    system.clock.seconds += 120
    assert _use(system, attempt, lasting) == both - first
    assert client.leaked() == 0


def _first_use(system, attempt):
    """Run every operation on an empty system.

    Answers the names of the run-scoped places there afterwards, and which operations to run for as many once more: those
    that made something that stayed, and all that are light enough to be probed.
    """
    lasting, before = [], system.artefacts()
    for operation in system.operations().values():
        ok(attempt(operation))
        after = system.artefacts()
        if operation.probe_every_seconds or after != before:
            lasting.append(operation)
        before = after
    return _scopes(system), lasting


def _use(system, attempt, operations=None):
    """Run the operations, all unless told; answer the names of the run-scoped places there afterwards."""
    for operation in operations or system.operations().values():
        ok(attempt(operation))
    return _scopes(system)


def _scopes(system):
    scopes = system.scopes()
    assert all(name.startswith(RUN_PREFIX) for name in scopes)
    return scopes


def _light(system):
    """The operations that are light enough to be probed."""
    return [operation for operation in system.operations().values() if operation.probe_every_seconds]


def test_emptied_database(system):
    """A system that was emptied under a running client costs a minute of failures, not the hour."""
    attempt = system.attempt(system.client())
    operations = system.operations().values()
    _, lasting = _first_use(system, attempt)
    system.empty()
    assert not all(attempt(operation).ok for operation in operations)
    system.clock.seconds += 61
    _use(system, attempt, lasting)


def test_crash_is_swept(system):
    """What a crashed run left is counted as leaked once it is past twice its lifetime, and one sweep deletes it all."""
    _use(system, system.attempt(system.client()))
    left = sum(system.artefacts().values())
    janitor = system.client()
    assert (janitor.leaked(), janitor.sweep()) == (0, 0)
    system.pass_time(LONG_PAST)
    assert janitor.leaked() == left
    assert janitor.sweep() == left
    assert (janitor.leaked(), janitor.sweep()) == (0, 0)
    assert system.artefacts() == system.nothing


def test_two_live_runs(system):
    """A second run on the same system neither counts nor sweeps what the first one still uses."""
    clients = [system.client() for _ in range(2)]
    attempts = [system.attempt(client) for client in clients]
    for _ in range(5):
        for client, attempt in zip(clients, attempts, strict=True):
            _use(system, attempt, [operation for operation in _light(system) if operation.writes])
            assert (client.leaked(), client.sweep()) == (0, 0)
        system.pass_time(RUN_LIFETIME_SECONDS * 0.6)


def test_left_by_an_attempt(system):
    """An artefact that an attempt failed to clean up counts as leaked when it is still there minutes later."""
    client, operation = system.client(), system.operations()[system.leaver]
    attempt = system.attempt(client)
    ok(attempt(operation))
    before = sum(system.artefacts().values())
    ok(attempt(replace(operation, cleanup=None)))
    left = sum(system.artefacts().values()) - before
    assert left
    assert client.leaked() == 0
    system.clock.seconds += 121
    assert client.leaked() == left


def test_closed_client(system):
    """An attempt that wants to begin after closing is cancelled, and makes nothing new."""
    client = system.client()
    client.close()
    outcomes = [system.attempt(client)(operation) for operation in system.operations().values() if operation.writes]
    assert {outcome.reason for outcome in outcomes} == {Reason.CANCELLED}
    assert system.artefacts() == system.nothing
