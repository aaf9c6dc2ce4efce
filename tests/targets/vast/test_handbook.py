"""What docs/targets.md shows works as it stands there."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from vast_endpoint import ACCESS, ROOT, SECRET, Serve

PAGE = ROOT / "docs" / "targets.md"
STEADYLINE = "import sys; from steadyline.cli.main import main; sys.exit(main())"


def test_commands(tmp_path: Path, free_port: Callable[[], int]) -> None:
    """The commands, line by line and in their order, serve all four; only the ports are others."""
    shown = re.search(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert shown
    ports = {name: str(free_port()) for name in ("s3", "vast", "tams", "trace")}
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("VAST_", "S3_"))}
    environ |= {f"STEADYLINE_PORTS_{name.upper()}": port for name, port in ports.items()}
    lines = [shlex.split(line, comments=True)[1:] for line in shown[1].replace(":9000", f":{ports['s3']}").splitlines()]
    assert sorted(line[1] for line in lines) == sorted(ports)
    with ExitStack() as started:
        for line in lines:
            process = subprocess.Popen(
                [sys.executable, "-c", STEADYLINE, *line], stdout=subprocess.PIPE, text=True, cwd=tmp_path, env=environ
            )
            started.enter_context(process)
            started.callback(process.terminate)
            assert process.stdout is not None
            assert process.stdout.readline().startswith(f"{line[1]}: http://127.0.0.1:{ports[line[1]]} ")


def test_example(serve: Serve) -> None:
    """The Python example, word for word but for the address and the keys, prints the rows it asks for."""
    example = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert example
    code = example[1]
    real = {
        "http://127.0.0.1:9001": serve("--bucket", "work").url,
        '"steadyline"': f'"{ACCESS}"',
        '"known-to-everybody"': f'"{SECRET}"',
    }
    for shown, own in real.items():
        assert shown in code
        code = code.replace(shown, own)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert re.search(r"2,\s*3", done.stdout), done.stdout
