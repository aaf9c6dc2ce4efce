"""The results for programs: as they are kept, with their outcome in words."""

import json

from steadyline.cli import run_result
from steadyline.cli.run_result import Results
from steadyline.cli.verdicts.outcome import ending, outcome


def write(results: Results) -> str:
    """One JSON document; `report` and `--json` have the same."""
    tone, told = outcome(results)
    facts = {**run_result.plain(results), "outcome": {"tone": tone, "words": told, "exit": ending(results)}}
    return json.dumps(facts, indent=2, allow_nan=False) + "\n"
