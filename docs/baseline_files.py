"""The part of docs/baselines.md on recorded baselines: how they come to be, their file, and what is said of a broken one."""

from alerts.judgement.gate import Family, smallest_step
from steadyline.baseline import GATE_BASELINE_RUNS, GATE_MOST_RUNS, GATE_RUNS, Baseline, Quantity, Recorded
from steadyline.baseline_format import FORMAT, SCHEMA_ID, text_of
from steadyline.live import LIVE

EXAMPLE = Baseline(
    operation="sql.item_read",
    driver="bench",
    quantity=Quantity.DURATION,
    value=0.00206,
    tolerance=0.15,
    spread=0.031,
    source=f"recorded 2026-01-05T09:30:00+00:00 over {GATE_BASELINE_RUNS} rounds",
    target="embedded",
    recorded=Recorded(
        at="2026-01-05T09:30:00+00:00",
        host="AMD EPYC 7763, 4 cores, 16 GiB, Debian GNU/Linux 12 (bookworm), x86_64",
        revision="e1f60de0c1a2",
        runs=GATE_BASELINE_RUNS,
        samples=2000,
        cadence_seconds=None,
        quantiles={"0.5": 0.00199, "0.95": 0.00271, "0.99": 0.0034},
        edges=(0.001778, 0.00206, 0.003162),
        versions={"python": "3.11.2", "sqlalchemy": "2.0.36"},
        operation_version="34a10dad",
        histogram=(310, 982, 684, 24),
        load_running=False,
    ),
)
"""Edges of a real one are more."""


def _steps(spread: float, runs: int) -> str:
    made = Baseline("", "bench", Quantity.DURATION, 1.0, 0.1, spread, "", recorded=EXAMPLE.recorded)
    return f"+{smallest_step(made, runs, Family(1)) - 1:.0%}"


def section() -> list[str]:
    """Its lines."""
    return [
        "\n## Recording your own\n",
        "| command | for | how |",
        "|---|---|---|",
        f"| `baseline record` | the alerts | waits for {LIVE.minimum_baseline_runs} runs of the exporter's own schedule (`--runs`) |",
        "| `baseline record --from-prometheus 2h` | the alerts | at once, from what Prometheus holds of that schedule |",
        f"| `baseline record --rounds {GATE_BASELINE_RUNS}` | `compare`, `run` | measures now, rounds interleaved over the operations in random order |",
        "| `baseline record --driver load --profile low` | load runs of the profile | from the last such run, or from `--result FILE`s |",
        "| `baseline record --driver load --from-prometheus 2h` | load runs | from the steady phases that Prometheus holds, each profile's |",
        f"| `baseline import FILE...` | `compare`, `run` | from pytest-benchmark's JSON, one run a file, {GATE_RUNS} files or more |",
        "| `baseline promote` | `compare`, `run` | what `run` or `compare` measured last |\n",
        "None judges another's runs. `--operation` and `--target` choose. What fails, is slowed by `regress` or has too few runs gets no baseline, and it is",
        f"said why (exit code 3). The runner's tells the smallest slowdown that `compare` will call a warning in nine of ten cases, over {GATE_RUNS} and over",
        (f"{GATE_MOST_RUNS} runs: by {GATE_BASELINE_RUNS} baseline runs, one operation by itself, it is {_steps(0.02, GATE_RUNS)} / {_steps(0.02, GATE_MOST_RUNS)} where runs spread "
        f"2%, {_steps(0.05, GATE_RUNS)} / {_steps(0.05, GATE_MOST_RUNS)} at 5% and {_steps(0.1, GATE_RUNS)} / {_steps(0.1, GATE_MOST_RUNS)} at 10%."),
        f"A spread under {LIVE.spread_floor:.0%}, 0 included, is kept as measured and judged as {LIVE.spread_floor:.0%}.\n",
        "The calls of one file of pytest-benchmark come from one process one after another and spread less than runs do, so they are not cut into",
        f"several runs: run `pytest tests/performance --benchmark-only --benchmark-json=1.json` {GATE_RUNS} times or more, each into a file of its own. An operation is known by",
        '`extra_info["operation"]`, by `--map test_name=sql.item_read`, or by the name itself; a benchmark that none is known for is named.\n',
        "## Reviewing before it judges\n",
        "```sh",
        "steadyline baseline record --rounds 10 --out baselines.json   # judges nothing yet; commit it, look at the change",
        "steadyline baseline diff baselines.json                       # beside what judges here now, worst first",
        "steadyline baseline promote baselines.json                    # now it judges; the file that did is kept as .previous",
        "steadyline baseline show sql.item_read                        # all that is kept, with the histogram",
        "```\n",
        "`diff FILE_A FILE_B` compares two files, `diff` alone what is recorded here with what ships; a ratio above 1 is slower in the second. `promote` replaces",
        "baselines of the same operation, target, driver and profile, and leaves the others; one of another host is refused without `--other-host`. After `record`",
        "and `promote` the rules are made anew and Prometheus and the exporter read them, so that alerts, histogram edges and the boards' lines follow; until both",
        "have, SteadylineBaselineDrift fires. Without FILE it takes what `run` or `compare` measured last, not the sides of `compare --ab` nor what",
        "`compare --against live` looked at; what failed there is named before. `remove` goes back to the sourced number.\n",
        "## The file\n",
        f"`.steadyline/baselines.json`, or what `--out` names: JSON in format {FORMAT}, by the schema [baseline.schema.json](../steadyline/data/baseline.schema.json)",
        f"(`{SCHEMA_ID}`), which says what each field is. Written in one step, sorted, so that a change reads well in a review. Format 1 is read.\n",
        "```json",
        text_of([EXAMPLE]).rstrip(),
        "```\n",
        "`operation_version` changes when what is timed, prepared or verified changes: `compare` refuses a baseline of another version. It is told from the source's",
        "syntax tree: comments, docstrings, annotations and layout do not count. `histogram` counts at or under each edge and above the one before, what is over all",
        "of them last. `load_running` says whether a load run was under way meanwhile; null where that cannot be told.\n",
        "A file that is cut off, not UTF-8, of a newer format, or holds NaN, a number beyond measure, one run, one key twice or an unknown operation is refused with one",
        "sentence that names file and key (exit code 2), and is left as it is. Where there is no room to write, what was there is there still. Who writes takes turns: the file is read",
        "again when it is written, and only what was measured is replaced, so that what another recorded meanwhile stays.",
    ]  # fmt: skip
