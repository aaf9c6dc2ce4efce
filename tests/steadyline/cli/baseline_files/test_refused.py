"""What is no file of baselines, whatever command it is given to, and a span that is none."""

import os
from pathlib import Path

import pytest
from baseline_files import Steadyline, benched, refused

from steadyline.errors import ConfigurationError
from steadyline.state import State


@pytest.mark.parametrize("command", ["diff", "promote"])
def test_a_file_that_is_none_is_named(steadyline: Steadyline, state: State, tmp_path: Path, command: str) -> None:
    """Missing, a folder, newer, not UTF-8: one sentence each, and nothing is changed."""
    before = state.baselines.read_text()
    file = tmp_path / "new.json"
    cases = {
        None: f"{file}: no such file; steadyline baseline record --out {file} writes one",
        b'{"format": 9, "baselines": []}': f"{file}: format 9 is newer than 2; use a newer steadyline",
        b"\xff": f"{file}: not UTF-8 (byte 0); restore it, or remove it and record anew",
    }
    for content, message in cases.items():
        if content is not None:
            file.write_bytes(content)
        assert refused(steadyline(command, str(file)), ConfigurationError) == [message]
    assert refused(steadyline(command, str(tmp_path)), ConfigurationError) == [f"{tmp_path}: cannot be read: Is a directory"]
    assert state.baselines.read_text() == before


def test_a_device_is_no_file_of_baselines(steadyline: Steadyline, tmp_path: Path) -> None:
    """It is not read, for it may have no end; nor is a pipe written to, which is no file to be reviewed."""
    (file,) = [benched(tmp_path / "0.json", 0.002)]
    assert refused(steadyline("import", file, "--out", "/dev/full"), ConfigurationError) == [
        "--out /dev/full: is no regular file, and baselines are kept in one; name a file"
    ]
    os.mkfifo(tmp_path / "pipe")
    (fault,) = refused(steadyline("import", file, "--out", str(tmp_path / "pipe")), ConfigurationError)
    assert fault.startswith(f"--out {tmp_path / 'pipe'}: is no regular file")
    for command in ("diff", "promote", "import"):
        assert refused(steadyline(command, "/dev/full"), ConfigurationError) == ["/dev/full: is a device; name a file"]


@pytest.mark.parametrize("driver", ["probe", "load"])
def test_a_span_that_is_none_is_refused_before_anybody_is_asked(steadyline: Steadyline, driver: str) -> None:
    """Nothing listens, and yet the mistake in the command is what is told."""
    done = steadyline("record", "--driver", driver, "--from-prometheus", "2parsecs")
    assert refused(done, ConfigurationError) == [
        "'2parsecs' is no duration; write it as 90s, 3m or 1h30m (units ms, s, m, h, d)"
    ]
