"""A process that is known again later, by another command: whatever else has its id by then, and however the clock was set."""

import psutil


def since_boot(process: psutil.Process) -> float:
    """When it began, seconds after the machine did, to the hundredth.

    The kernel counts so; that moment as Unix time moves whenever the clock is set.
    """
    return round(process.create_time() - psutil.boot_time(), 2)


def name(process: psutil.Process) -> str:
    """Of it alone, for a file."""
    return f"{process.pid}-{since_boot(process):.2f}"


def find(pid: int, began: float) -> psutil.Process | None:
    """The process with this id that began then, where it still runs.

    Args:
        pid: its id.
        began: as `since_boot` had it.
    """
    try:
        process = psutil.Process(pid)
        return process if since_boot(process) == began and not has_ended(process) else None
    except psutil.NoSuchProcess:
        return None


def find_named(text: str) -> psutil.Process | None:
    """The process of a name, where it still runs; None also for what is no name."""
    pid, _, began = text.partition("-")
    try:
        return find(int(pid), float(began))
    except ValueError:
        return None


def has_ended(process: psutil.Process) -> bool:
    """A zombie has ended; in a container whose first process reaps none, it stays listed."""
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True
