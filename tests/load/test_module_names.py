"""Locust puts `load/` first on sys.path, so its modules' names are top-level names there."""

import sys
from importlib.metadata import packages_distributions
from pathlib import Path

LOAD = Path(__file__).parents[2] / "load"


def test_no_module_takes_a_name_of_another():
    """No module or folder of `load/` is called as a module of the standard library or of an installed package."""
    ours = {path.stem for path in LOAD.iterdir() if path.suffix == ".py" or path.is_dir()} - {"__init__", "__pycache__"}
    taken = sys.stdlib_module_names | set(packages_distributions())
    assert not ours & taken
