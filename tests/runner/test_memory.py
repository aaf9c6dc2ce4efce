import threading

import pytest
import tenacity

from runner.memory import Ledger, Memory, Peak, resident_bytes


class Resident:
    """Memory that a test sets."""

    def __init__(self):
        self.now = 100
        self.asked = 0

    def __call__(self):
        """The present size."""
        self.asked += 1
        return self.now


def test_peak_between_two_readings():
    """A peak that came and went while the sampler looked is not lost."""
    resident = Resident()
    with Peak(resident).sampling() as peak:
        assert peak.restart() == 100
        resident.now = 900
        seen = resident.asked
        for attempt in tenacity.Retrying(stop=tenacity.stop_after_delay(10), wait=tenacity.wait_fixed(0.01), reraise=True):
            with attempt:
                assert resident.asked > seen + 1
        resident.now = 100
        assert peak.read() == 900
        assert peak.restart() == 100
        assert peak.read() == 100


def test_read_looks_itself():
    """What is resident at the moment of reading counts though no sampler ran."""
    resident = Resident()
    peak = Peak(resident)
    peak.restart()
    resident.now = 300
    assert peak.read() == 300


def test_sampler_ends():
    """After the run nothing is sampled any more."""
    resident = Resident()
    with Peak(resident).sampling():
        pass
    asked = resident.asked
    assert Peak(resident).read() == 100
    assert resident.asked == asked + 1


def test_this_process():
    """The resident memory of this process is that of a running Python: some megabytes, and it grows by what is written to."""
    resident = resident_bytes()
    before = resident()
    block = bytearray(64_000_000)
    for at in range(0, len(block), 4096):
        block[at] = 1
    assert before > 5_000_000
    assert resident() - before > 48_000_000


def test_sample_of_before_a_restart():
    """What the sampler was reading when the peak was restarted is of the operation before, and forgotten."""
    reading, restarting, after = threading.Event(), threading.Event(), threading.Event()

    def resident():
        if threading.current_thread().name != "memory":
            restarting.set()
            return 100
        if reading.is_set():
            after.set()
            return 100
        reading.set()
        restarting.wait(0.2)
        return 900

    with Peak(resident).sampling() as peak:
        assert reading.wait(10)
        peak.restart()
        assert after.wait(10)
        assert peak.read() == 100


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        pytest.param([("a", 0, 0)], Memory(100, 0, 100, 100), id="what is there at first is nobody's, and in all"),
        pytest.param([("a", 50, 50)], Memory(150, 50, 150, 100), id="its growth is its own"),
        pytest.param([("b", 300, 300), ("a", 20, 0)], Memory(420, 20, 120, 100), id="what others left is not its own"),
        pytest.param([("a", 30, 30), ("b", 300, 300), ("a", 30, 30)], Memory(460, 30, 160, 100), id="what it left itself is"),
        pytest.param([("a", 300, 0), ("b", 10, 10), ("a", 20, 0)], Memory(130, 20, 120, 100), id="what it gave back is not"),
        pytest.param([("a", 200, 200), ("b", 0, -250), ("a", 5, 0)], Memory(55, 5, 55, 100), id="never more than there was"),
    ],
)
def test_whose_memory_it_is(turns, expected):
    """The last is told what the process would have held without the others; a turn is whose, how high, and what is left."""
    resident = Resident()
    ledger = Ledger(Peak(resident))
    for whose, high, left in turns:
        before = resident.now
        ledger.begin()
        resident.now = before + high
        ledger._peak.read()
        resident.now = before + left
        taken = ledger.end(whose)
    assert taken == expected


def test_most_memory():
    """Of two, the higher of each number."""
    assert Memory(1, 5, 3, 8).most(Memory(2, 4, 6, 7)) == Memory(2, 5, 6, 8)


def test_one_look_ends_a_turn_and_begins_another():
    """What a turn came to, and what the next one begins with, are read at once."""
    resident = Resident()
    peak = Peak(resident)
    peak.restart()
    resident.now = 900
    peak.read()
    resident.now = 300
    asked = resident.asked
    assert peak.turn() == (900, 300)
    assert resident.asked == asked + 1
    assert peak.read() == 300


@pytest.mark.parametrize(
    ("alone", "bare", "expected"),
    [
        pytest.param(500, 100, False, id="on the budget"),
        pytest.param(501, 100, True, id="over it"),
        pytest.param(501, 500, True, id="the step over it"),
        pytest.param(1001, 501, False, id="over it before, by nobody's doing"),
        pytest.param(1002, 501, True, id="too much by itself"),
    ],
)
def test_who_breaks_a_memory_budget(alone, bare, expected):
    """An operation answers for what it takes, not for what was resident before anything was measured."""
    assert Memory(2000, 1, alone, bare).breaks(500) is expected
