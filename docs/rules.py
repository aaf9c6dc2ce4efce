"""docs/rules.md: what is recorded and alerted, a line for each name; there is one such rule for each operation."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from alerts.receiver import runbook
from alerts.rules.generate import RULES
from alerts.rules.groups import rule_groups
from steadyline import catalogue, load_vocabulary, vocabulary
from steadyline.baselines import load_sourced
from steadyline.settings import Settings

Rule = Mapping[str, Any]
_FILLED = re.compile(r"\{\{ \$labels\.(\w+) \}\}")
_VALUE = re.compile(r"\{\{.*?\}\}")


def page() -> str:
    """The page."""
    groups = rule_groups(catalogue.shipped(), load_sourced(), Settings())["groups"]
    rules = [rule for one in groups for rule in one["rules"]]
    return "\n".join(
        [
            "# Rules\n",
            f"`alerts/generated/{RULES}` holds {len(rules)} rules in {len(groups)} groups: one group for each operation",
            "that is probed, one of load runs, one of the stack itself. They are generated from the catalogue, the baselines",
            "and the settings, never written by hand: `steadyline rules generate`. Your own operations and recorded",
            "baselines, and those of load profiles, bring the same rules into your installation. Each group is evaluated",
            f"every {groups[0]['interval']}. How the limits come about: [judgement](judgement.md). Rules of your own beside",
            "these: [long-term storage](longterm.md).\n",
            *_alerts([rule for rule in rules if "alert" in rule]),
            "\n## Recording rules\n",
            "Each keeps the labels that stand here; those of load profiles have `profile` and `load` more. An operation",
            "without a baseline has no ratio.\n",
            "| series | rules | unit | labels | what it is |\n|---|---|---|---|---|",
            *_recorded([rule["record"] for rule in rules if "record" in rule]),
        ]
    ) + "\n"  # fmt: skip


def _alerts(rules: list[Rule]) -> Iterator[str]:
    kinds: dict[str, dict[str, list[Rule]]] = {}
    for rule in rules:
        kinds.setdefault(rule["alert"], {}).setdefault(rule["labels"]["severity"], []).append(rule)
    yield "## Alerts\n"
    yield "Each leads to its heading in the [runbook](runbook.md), and to a board. Beside the labels of the rule it has those"
    yield "of its series. A milder severity is muted by a worse one of the same operation.\n"
    yield "| alert | severity | rules | for | goes on for | labels of the rule | what it says |"
    yield "|---|---|---|---|---|---|---|"
    yield from (_alert(name, severity, same) for name, found in kinds.items() for severity, same in found.items())
    yield from (f"\n### {name}\n\n{meaning(name)}" for name in kinds)


def meaning(alert: str) -> str:
    """What the runbook says of an alert first."""
    _, _, section = runbook.source().partition(f"\n## {alert}\n")
    return " ".join(section.strip().partition("\n\n")[0].split())


def _alert(name: str, severity: str, rules: list[Rule]) -> str:
    labels = sorted({label for rule in rules for label in rule["labels"]} - {"severity"})
    words = list(dict.fromkeys(said(rule["annotations"]["summary"]) for rule in rules))
    facts = (
        f"[{name}](runbook.md#{name.lower()})",
        severity,
        str(len(rules)),
        spread(rule.get("for", "0s") for rule in rules),
        spread(rule.get("keep_firing_for", "0s") for rule in rules),
        ", ".join(f"`{label}`" for label in labels) or "-",
        f"such as: {words[0]}" if len(words) > 1 else words[0],
    )
    return f"| {' | '.join(facts)} |"


def spread(times: Iterable[str]) -> str:
    """A duration that all rules of a name have, or the shortest and the longest."""
    found = sorted(set(times), key=lambda time: int(time.removesuffix("s")))
    return found[0] if len(found) == 1 else f"{found[0]} to {found[-1]}"


def said(template: str) -> str:
    """A template's text as one reads it: a label's name for its value, `…` for a number."""
    return _VALUE.sub("…", _FILLED.sub(r"*\1*", template))


def _recorded(names: list[str]) -> Iterator[str]:
    for series in (*vocabulary.RECORDED, *load_vocabulary.LOAD_RECORDED):
        count = names.count(series.name)
        each = str(count or "one for each load profile with a baseline")
        labels = ", ".join(f"`{label}`" for label in series.labels) or "-"
        yield f"| `{series.name}` | {each} | {series.unit} | {labels} | {series.means} |"
