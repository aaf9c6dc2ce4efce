"""Every operation of the catalogue that no named test measures: the rest of Steadyline's, and the user's own."""

import pytest
from measuring import Measure


@pytest.mark.operation
def test_operation(measure: Measure) -> None:
    """One of them."""
    measure()
