"""The same mistakes told by a process of its own: its exit code, one message on standard error, nothing on standard output."""

from pathlib import Path
from typing import NamedTuple

import pytest
from command_line import beginning, ended


class Case(NamedTuple):
    """A command, and how it ends."""

    arguments: tuple[str, ...]
    code: int
    says: str
    settings: str = ""


CASES = {
    "a setting": Case(("operations",), 2, "steadyline.toml: zzz: unknown key; remove it", "zzz = 1"),
    "an argument": Case(("run", "--json", "."), 2, ".: cannot be written: Is a directory"),
    "nothing to judge": Case(("report",), 3, "no run was made here yet; steadyline run measures"),
    "nobody answers": Case(
        ("watch", "--once"),
        4,
        "no Prometheus answers at http://127.0.0.1:1 ([Errno 111] Connection refused): run steadyline up, or set "
        "prometheus_url to another",
        'prometheus_url = "http://127.0.0.1:1"',
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_refused(tmp_path: Path, case: Case) -> None:
    """What the entry point, the interpreter and the terminal add to it is nothing."""
    if case.settings:
        (tmp_path / "steadyline.toml").write_text(case.settings)
    with beginning(tmp_path) as begin:
        code, out, said = ended(begin(*case.arguments, COLUMNS="1000"), 60)
    assert (code, out, said) == (case.code, "", f"steadyline: {case.says}\n")
