"""How this process fares: processor, memory, and how late its greenlets are woken. Runs beside the users on the same hub."""

import time
from collections.abc import Callable

import gevent
import psutil

from load.saturation import Health

TICK_SECONDS = 0.05


class Vitals:
    """Measures since the last `take`.

    Args:
        users: how many users there are now.
        others: processes that work for this one (the asker): the busiest of them all counts.
    """

    def __init__(self, users: Callable[[], int], others: Callable[[], list[int]] = list) -> None:
        """Begin to measure."""
        self._users = users
        self._others = others
        self._process = psutil.Process()
        self._worst = 0.0
        self._at, self._cpu = time.perf_counter(), time.process_time()
        self._others_cpu: dict[int, float] = {}
        self._greenlet = gevent.spawn(self._watch)

    def _watch(self) -> None:
        while True:
            due = time.perf_counter() + TICK_SECONDS
            gevent.sleep(TICK_SECONDS)
            self._worst = max(self._worst, time.perf_counter() - due)

    def take(self) -> Health:
        """How it fared since it was last asked."""
        now, cpu = time.perf_counter(), time.process_time()
        elapsed = max(now - self._at, TICK_SECONDS)
        busiest = max((cpu - self._cpu) / elapsed, *(spent / elapsed for spent in self._of_others()), 0.0)
        health = Health(busiest, self._worst, self._users(), self._process.memory_info().rss)
        self._at, self._cpu, self._worst = now, cpu, 0.0
        return health

    def _of_others(self) -> list[float]:
        """Processor seconds that each of the others spent since the last time."""
        before, self._others_cpu = self._others_cpu, {}
        for pid in self._others():
            try:
                times = psutil.Process(pid).cpu_times()
            except psutil.Error:  # it has just ended
                continue
            self._others_cpu[pid] = times.user + times.system
        return [spent - before[pid] for pid, spent in self._others_cpu.items() if pid in before]

    def close(self) -> None:
        """Measure no more."""
        self._greenlet.kill(block=False)
