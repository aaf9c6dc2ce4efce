"""The stack of containers: how long until all is healthy, what it holds and burns at the low profile, our image's size."""

import time
from collections.abc import Iterator

import compose_stack
import psutil
from compose_stack import ComposeStack
from paired import Figure

ASKED_SECONDS = 60.0
ASKED_BYTES = 1.5 * 2**30
ASKED_CORES = 1.0
SETTLING_SECONDS = 60.0
WINDOW_SECONDS = 120.0
WITHOUT = "grafana"


def processes(stack: ComposeStack) -> list[psutil.Process]:
    """All processes of the containers, but for Grafana's."""
    found = []
    for service, containers in stack.services().items():
        for one in containers:
            if service != WITHOUT and one["State"] == "running":
                pids = compose_stack.docker("top", one["ID"], "-eo", "pid").splitlines()[1:]
                found += [psutil.Process(int(pid)) for pid in pids]
    return found


def processor_seconds(found: list[psutil.Process]) -> float:
    """Time of the processes and of their children that have ended, health checks among them."""
    return sum(sum(one.cpu_times()[:4]) for one in found if one.is_running())


def figures() -> Iterator[Figure]:
    """Four lines."""
    with compose_stack.stack("steadyline-bench") as stack:
        stack.compose("build", "--quiet", timeout=1200)
        start = time.monotonic()
        stack.compose("up", "--detach", "--wait")
        ready = time.monotonic() - start
        yield Figure(
            "`docker compose up` with images present, until every health check is green",
            f"<= {ASKED_SECONDS:g} s",
            f"{ready:.1f} s",
            ready <= ASKED_SECONDS,
        )
        time.sleep(SETTLING_SECONDS)
        found = processes(stack)
        before = processor_seconds(found)
        time.sleep(WINDOW_SECONDS)
        cores = (processor_seconds(found) - before) / WINDOW_SECONDS
        held = [one.memory_full_info() for one in found if one.is_running()]
        resident, apparent = sum(one.pss for one in held), sum(one.rss for one in held)
        what = "the stack of containers under the low profile, without Grafana"
        yield Figure(
            f"{what}: resident memory, a page that several share counted once",
            f"<= {ASKED_BYTES / 2**30:g} GiB",
            f"{resident / 2**30:.2f} GiB ({apparent / 2**30:.2f} where it is counted for each)",
            resident <= ASKED_BYTES,
        )
        yield Figure(
            f"{what}: processor time over {WINDOW_SECONDS:g} s",
            f"< {ASKED_CORES:g} core",
            f"{cores:.2f} cores",
            cores < ASKED_CORES,
        )
    ours, base, packages = compose_stack.image_sizes()
    own = ours - base - packages
    yield Figure(
        f"our image: more than its base ({base / 1e6:.0f} MB) and the locked packages ({packages / 1e6:.0f} MB)",
        f"<= {compose_stack.OWN_BYTES / 1e6:g} MB",
        f"{own / 1e6:.1f} MB",
        own <= compose_stack.OWN_BYTES,
    )
