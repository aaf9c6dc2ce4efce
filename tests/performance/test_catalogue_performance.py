"""Every operation of the catalogue that no named test measures: the rest of Steadyline's, and the user's own."""

import os

import pytest
from benchmark_names import measured_by
from measuring import Measure

from steadyline import catalogue
from steadyline import settings as settings_module

settings_module.load(os.environ)  # it names the user's own
NAMED = measured_by()
REST = [name for name in catalogue.operations() if name not in NAMED]


@pytest.mark.operation(*REST)
def test_operation(measure: Measure) -> None:
    """One of them."""
    measure()
