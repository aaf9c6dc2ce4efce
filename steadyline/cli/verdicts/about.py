"""What stands beside the rows: how sure the verdicts are, what they were held to, and what stayed open and why."""

from collections.abc import Iterator, Sequence

from alerts.judgement.gate import LOOKS, UNSETTLED
from runner.choice import Choice
from steadyline.baseline import GATE_MOST_RUNS
from steadyline.cli.run_result import Judging, Results
from steadyline.cli.run_rows import Row
from steadyline.cli.verdicts import slow_machine
from steadyline.cli.verdicts.outcome import counted
from steadyline.printable import printable


def lines(results: Results) -> list[str]:
    """A sentence each, on one line; what an older file does not say is left out."""
    judging = results.judging
    machine = slow_machine.told(results)
    told = [f"{machine}."] if machine else []
    told += [f"Forced: {sentence}." for sentence in judging.forced] if judging else []
    told += [f"No answer: {sentence}" for sentence in results.unreachable]
    told += [_held_to(results, judging), *(f"{note}." for note in judging.notes), _sure(judging)] if judging else []
    told += [f"Left out: {sentence}." for sentence in Choice((), results.left_out).reasons]
    return [printable(line) for line in (*told, *_again(results))]


def _held_to(results: Results, judging: Judging) -> str:
    """Both sides: where and of which revision."""
    made = results.made
    revisions = [one for one in judging.against_revisions if one not in judging.against]
    then = f" of revision {', '.join(revisions)}" if revisions else ""
    elsewhere = [host for host in judging.against_hosts if host != made.host]
    there = f" on another host ({'; '.join(elsewhere)})" if elsewhere else ""
    held = f"Held to {judging.against or 'the baselines there are'}{then}{there}"
    busy = f", {made.machine}" if made.machine else ""
    seed = f", seed {made.seed}" if made.seed is not None else ""
    return f"{held}. Measured: revision {made.revision} on {made.host}, {made.started}, {made.rounds} rounds{seed}{busy}."


def _sure(judging: Judging) -> str:
    """The family's rate of false alarms, as it is held."""
    family = judging.family
    looks = f"at each of which it looks up to {LOOKS} times" if judging.seconds_more is not None else "each looked at once"
    judged = counted(family.operations, "operation", "operations") or "no operation"
    return f"Where nothing got slower, at most {100 * family.rate:.2g}% of such comparisons alarm: over {judged}, {looks}."


def _again(results: Results) -> Iterator[str]:
    """How many were measured again, and what stayed open all the same."""
    judging = results.judging
    if judging is None or judging.seconds_more is None:
        return
    again = counted(judging.again, "operation was", "operations were") or "No operation was"
    yield f"{again} measured again to settle the verdict."
    left = [row for row in results.rows if row.verdict in UNSETTLED]
    most = [row for row in left if len(row.run_means) >= GATE_MOST_RUNS]
    if most:
        rounds = results.made.rounds
        bound = (
            f"{GATE_MOST_RUNS} runs, the most there are"
            if rounds <= GATE_MOST_RUNS
            else f"the {rounds} rounds that were asked for"
        )
        yield f"Open after {bound}: {_names(most)}."
    rest = [row for row in left if row not in most]
    if rest:
        why = (
            "when it was ended early"
            if results.made.interrupted
            else f"when the {judging.seconds_more:g} s for further runs were over"
        )
        yield f"Open {why}: {_names(rest)}."


def _names(rows: Sequence[Row]) -> str:
    return ", ".join(f"{row.operation} on {row.target} ({len(row.run_means)} runs)" for row in rows)
