"""The whole examination: all subjects side by side in bounded time, and what it comes to."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from deploy.doctor import side_by_side
from deploy.doctor.finding import WORST_FIRST, Finding, Health
from deploy.doctor.scene import Scene
from deploy.doctor.secrecy import known
from deploy.doctor.subject import Checked, Subject
from deploy.doctor.subjects import SUBJECTS
from steadyline.errors import ConfigurationError, NoDataError, UnreachableError
from steadyline.printable import printable
from steadyline.redaction import redact

SCHEMA = 1
"""Of the document for programs: keys are added under the same number, and never change their meaning."""
FAULT_FOUND = 1


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found.

    Attributes:
        checked: in the order of the subjects and their checks.
        settings_broken: the settings cannot be read.
        nothing_runs: neither a stack here nor the Prometheus of the settings.
    """

    checked: Sequence[Checked]
    settings_broken: bool
    nothing_runs: bool

    @property
    def health(self) -> Health:
        """The worst of all."""
        return min((one.finding.health for one in self.checked), key=WORST_FIRST.index, default=Health.OK)

    @property
    def counts(self) -> dict[str, int]:
        """How many findings there are of each kind, the worst first."""
        found = Counter(one.finding.health for one in self.checked)
        return {str(health): found[health] for health in WORST_FIRST}

    @property
    def exit_code(self) -> int:
        """0 all well (warnings are said); 1 a fault; 2 settings; 3 nothing runs; 4 nothing but hosts that do not answer."""
        faults = [one.finding for one in self.checked if one.finding.health is Health.FAULT]
        if self.settings_broken:
            return ConfigurationError.exit_code
        if self.nothing_runs:
            return NoDataError.exit_code
        if not faults:
            return 0
        return UnreachableError.exit_code if all(one.reason for one in faults) else FAULT_FOUND

    def document(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "schema": SCHEMA,
            "verdict": str(self.health),
            "exit_code": self.exit_code,
            "counts": self.counts,
            "checks": [_row(one) for one in self.checked],
        }


def _row(one: Checked) -> dict[str, str | None]:
    finding = one.finding
    return {
        "subject": one.subject,
        "check": one.check,
        "verdict": str(finding.health),
        "found": finding.found,
        "cure": finding.cure,
        "reason": finding.reason and str(finding.reason),
    }


def examine(scene: Scene, subjects: Iterable[Subject[Any]] = SUBJECTS) -> Examination:
    """Ask about every subject at once.

    Args:
        scene: where, and how long is waited; a subject that takes longer is told of as such.
        subjects: about what.
    """
    chosen = list(subjects)
    questions = {at: lambda subject=subject: list(subject.examined(scene)) for at, subject in enumerate(chosen)}
    seconds = scene.patience.seconds
    answered = side_by_side.answers(questions, seconds)
    found = [one for at, subject in enumerate(chosen) for one in answered.get(at, [subject.late(seconds)])]
    secrets = known(scene.settings)
    return Examination(
        checked=[replace(one, finding=_harmless(one.finding, secrets)) for one in found],
        settings_broken=bool(scene.faults),
        nothing_runs=not scene.runs and not scene.judges,
    )


def _harmless(finding: Finding, secrets: Sequence[str]) -> Finding:
    """Whatever others said in it: no secret, nothing that a terminal obeys."""
    found, cure = (printable(redact(text, secrets)) for text in (finding.found, finding.cure))
    return replace(finding, found=found, cure=cure)
