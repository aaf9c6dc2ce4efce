"""The benchmarks are scripts beside each other: what they import is found there, after everything else."""

import sys
from pathlib import Path

BENCH = Path(__file__).parents[2] / "bench"
sys.path += [str(folder) for folder in (BENCH, BENCH / "judgement") if str(folder) not in sys.path]
