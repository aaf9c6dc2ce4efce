"""What `compare` was asked, as its three ways share it: against what was recorded, A against B, and what runs now.

Each way is a function that takes it, measures or reads, and ends in `conclude`: `compare_recorded.recorded(asked, ...)`,
`compare_ab.ab(asked, a, b)`, `compare_live.live(asked)`.
"""

from dataclasses import dataclass

from runner.choice import Wanted
from steadyline.cli.conclude import Outlet
from steadyline.settings import Settings
from steadyline.severity import Severity


@dataclass(frozen=True, slots=True)
class Asked:
    """The options.

    Attributes:
        settings: of this folder.
        wanted: which operations, on which targets; of any suite.
        rounds: runs of each operation, before any is measured again.
        seed: of the order's dice.
        fail_on: exit code 1 from this severity on.
        outlet: where the results go; `outlet.verbose` tells each turn.
        command: what asks the same again, without addresses.
    """

    settings: Settings
    wanted: Wanted
    rounds: int
    seed: int
    fail_on: Severity
    outlet: Outlet
    command: str
