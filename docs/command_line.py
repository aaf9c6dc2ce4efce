"""docs/command-line.md: every command with its arguments and options, from the help that it prints itself."""

from collections.abc import Iterator
from typing import Any

import typer

from steadyline.cli import main

_ROOT = "steadyline"


def page() -> str:
    """The page."""
    commands = list(_walk(typer.main.get_command(main.build()), _ROOT))
    return "\n".join(
        [
            "# Command line\n",
            "`steadyline COMMAND --help` says the same of one command.\n",
            f"{main.EPILOG}\n",
            "| command | what it does |\n|---|---|",
            *(f"| [`{name}`](#{_anchor(name)}) | {_cell(_first(command.help))} |" for name, command in commands),
            *(line for name, command in commands for line in _section(name, command)),
        ]
    ) + "\n"  # fmt: skip


def _walk(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """The commands that do something, each with all of its name."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield name, command
    for word, one in (inner or {}).items():
        yield from _walk(one, f"{name} {word}")


def _section(name: str, command: Any) -> Iterator[str]:
    context = typer.Context(command, info_name=name)
    yield f"\n## {name}\n"
    yield f"```text\n{' '.join(command.get_usage(context).split()).removeprefix('Usage: ')}\n```\n"
    yield (command.help or "").strip() + "\n"
    records = [record for record in (one.get_help_record(context) for one in command.params) if record]
    if records:
        yield "| argument or option | what it is |\n|---|---|"
        yield from (f"| `{_code(names)}` | {_cell(told)} |" for names, told in records)


def _anchor(name: str) -> str:
    return name.replace(" ", "-")


def _first(told: str | None) -> str:
    return " ".join((told or "").partition("\n\n")[0].split())


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def _code(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
