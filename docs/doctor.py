"""docs/doctor.md: what `steadyline doctor` looks at, from the checks' own docstrings."""

import inspect
from collections.abc import Iterator
from typing import Any

from deploy.compose.project import COMMAND
from deploy.doctor.asking import SECONDS
from deploy.doctor.examination import SCHEMA
from deploy.doctor.finding import Health
from deploy.doctor.subject import Subject, named
from deploy.doctor.subjects import SUBJECTS
from steadyline.cli.doctor import SIGNS
from steadyline.outcome import Reason

_MEANS = {
    Health.FAULT: "something does not work, or will not tell you when it should",
    Health.WARNING: "it works, but not for long, or not as well as it could",
    Health.UNKNOWN: "it could not be looked at; whoever knows was not there",
    Health.OK: "all is well with it",
}
_EXAMPLE = """```text
alerting
✗  routed              critical alerts end in nobody-yet, which tells nobody
                       → give that receiver an integration, or route to another (docs/notifications.md)
```
"""
_CODES = (
    (0, "all is well; warnings are said, and count nothing"),
    (1, "a fault was found"),
    (2, "the settings cannot be read; what could be looked at by the defaults was"),
    (3, "nothing runs: neither a stack of this folder, nor the Prometheus of the settings"),
    (4, "the only faults are hosts that do not answer, or refuse"),
)


def page() -> str:
    """The page."""
    count = sum(len(one.checks) for one in SUBJECTS)
    return "\n".join(
        [
            "# Doctor\n",
            "`steadyline doctor` finds what is wrong with a stack, and says how to mend it. It can be asked at any time:",
            "while all runs, when nothing does, and when the settings cannot be read. It changes nothing, writes nothing,",
            "and asks targets as one that only reads.\n",
            "```sh",
            "steadyline doctor               # every check, the cure under what needs one",
            "steadyline doctor --fix-hints   # only what to do, the worst first",
            "steadyline doctor --json        # for programs",
            "```\n",
            _EXAMPLE,
            f"{count} checks of {len(SUBJECTS)} subjects are made side by side, each question with a deadline: after",
            f"{SECONDS:g} s whatever hangs is left behind and told of as such, and the whole ends within ten. On a very busy",
            "machine `--timeout 60` waits longer. No secret is shown, whoever said it. Under docker compose ask inside,",
            f"where the stack's settings, secrets and state are: `{COMMAND} doctor`.\n",
            "| sign | verdict | means |\n|---|---|---|",
            *(f"| {SIGNS[health][0]} | {health} | {means} |" for health, means in _MEANS.items()),
            "\n## Exit codes\n",
            "| code | when |\n|---|---|",
            *(f"| {code} | {when} |" for code, when in _CODES),
            *_json(),
            "\n## What is looked at\n",
            "The subjects stand in the order in which one thing stands on another: mend what is further up first.",
            *(line for subject in SUBJECTS for line in _section(subject)),
        ]
    ) + "\n"  # fmt: skip


def _json() -> Iterator[str]:
    """The document for programs."""
    yield "\n## For programs\n"
    yield f"`--json` prints one object. Under the same `schema` ({SCHEMA}) keys may be added; none goes or means else.\n"
    yield "| key | what it is |\n|---|---|"
    yield f"| `schema` | {SCHEMA} |"
    yield f"| `verdict` | the worst of all: {', '.join(f'`{health}`' for health in Health)} |"
    yield "| `exit_code` | as above |"
    yield "| `counts` | how many findings there are of each verdict |"
    yield "| `checks` | a list, each with `subject`, `check`, `verdict`, `found`, `cure` (empty where all is well), `reason` |"
    reasons = ", ".join(f"`{reason}`" for reason in Reason)
    yield f"\n`reason` is of a host that does not answer, or refuses, and else null: {reasons}."


def _section(subject: Subject[Any]) -> Iterator[str]:
    yield f"\n### {subject.name}\n"
    module = inspect.getmodule(subject.gather)
    yield (inspect.getdoc(module) or "") + "\n"
    yield "| check | what it tells |\n|---|---|"
    for check in subject.checks:
        told = " ".join((inspect.getdoc(check) or "").split())
        yield f"| {named(check)} | {told} |"
