"""What counting one request event of Locust's costs, beside the least that a histogram can be and prometheus_client."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from paired import Figure

PROGRAM = Path(__file__).with_name("load_event_cost.py")
ASKED = {"accumulator": ("a list with bisect", 2.0), "prometheus_client": ("prometheus_client's labels().observe()", 1.0)}
WAYS = {"fired": "as the listener of an event", "called": "called alone"}


def figures() -> Iterator[Figure]:
    """Two lines beside each of the two."""
    run = subprocess.run([sys.executable, PROGRAM], check=True, capture_output=True, text=True, timeout=600)
    found = json.loads(run.stdout)
    calls = found["calls"]
    for other, (told, most) in ASKED.items():
        for way, how in WAYS.items():
            ratio = found[f"{way} {other}"]
            ours, theirs = (ratio[name] / calls * 1e6 for name in ("a_seconds", "b_seconds"))
            yield Figure(
                f"counting one request event, {how} / {told}, {how}",
                f"<= {most:g}x",
                f"{ratio['a_over_b']:.2f}x ({ours:.2f} us / {theirs:.2f} us)",
                ratio["a_over_b"] <= most,
            )
