"""The exporter's resident memory, beside a bare process that imports the same libraries."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import native_stack as stacks
import psutil
from paired import Figure
from start import until_all_scraped

from steadyline.prometheus import Prometheus

ASKED = 1.3
SETTLED_SECONDS = 60.0
_OURS = ("steadyline", "exporters", "alerts", "dashboards", "targets", "deploy")
_LIST = """
import json, sys
import exporters.__main__, exporters.server
from steadyline import catalogue
from steadyline.attempt import Attempt
from steadyline.target import embedded
for name in catalogue.backends():  # an attempt on a target that is not there imports what one that succeeds imports
    backend = catalogue.backend(name)
    client = backend.connect(embedded(name, "sqlite:///%s" if name == "sql" else "http://127.0.0.1:9"))
    for operation in catalogue.operations([name]).values(): Attempt(backend, client)(operation)
    client.close()
ours = %r
print(json.dumps(sorted(m for m in sys.modules if m.partition(".")[0] not in ours and m != "__main__")))
"""
_BARE = """
import importlib, sys
for name in %r:
    try: importlib.import_module(name)
    except Exception: pass
print("ready", flush=True); sys.stdin.read()
"""


def libraries() -> list[str]:
    """Every module that the exporter imports and that is not ours, the standard library's included."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sql"
        listed = subprocess.run([sys.executable, "-c", _LIST % (file, _OURS)], capture_output=True, text=True, check=True)
    return list(json.loads(listed.stdout.splitlines()[-1]))


def bare_bytes() -> int:
    """Resident memory of a process that imports those and does nothing."""
    command = [sys.executable, "-c", _BARE % (libraries(),)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        resident = psutil.Process(process.pid).memory_info().rss
        process.communicate("")
    return int(resident)


def exporter_bytes() -> tuple[int, int]:
    """Resident memory of an exporter a minute after each operation ran; and how many operations there are."""
    with stacks.running() as stack:
        _, scheduled = until_all_scraped(Prometheus(stack.settings.prometheus))
        time.sleep(SETTLED_SECONDS)
        programs = json.loads(stack.run("status", "--json").stdout)["programs"]
        pid = next(program["pid"] for program in programs if program["name"] == "exporter")
        return int(psutil.Process(pid).memory_info().rss), scheduled


def figures() -> Iterator[Figure]:
    """One line: the ratio of the two."""
    bare = bare_bytes()
    exporter, operations = exporter_bytes()
    ratio = exporter / bare
    yield Figure(
        f"resident memory: exporter with {operations} operations under way / bare process with the same libraries",
        f"<= {ASKED:g}x",
        f"{ratio:.2f}x ({exporter / 2**20:.1f} MiB / {bare / 2**20:.1f} MiB)",
        ratio <= ASKED,
    )
