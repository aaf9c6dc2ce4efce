"""Runs one of our modules until the process that started it is gone, even when that was killed.

    python leash.py MODULE [ARGUMENT]...

Standard input is a pipe whose other end the starter holds; it ends with the starter, and the module is asked to stop.
"""

import os
import runpy
import signal
import sys
import threading


def _end_with_the_starter() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        continue
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=_end_with_the_starter, name="leash", daemon=True).start()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
