"""What users ask, and how often."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from load.users.mix import mix, weight_of
from steadyline import catalogue
from steadyline.errors import ConfigurationError
from steadyline.operation import in_run_scope, operation
from steadyline.target import Target


def target(backend: str = "sql", **facts: object) -> Target:
    """One of a backend's."""
    return Target(backend=backend, url=SecretStr("sqlite:////x/y.db"), allow_writes=True, **facts)


def made(name: str, **facts: object):
    """An operation with these facts."""

    @operation(name, **facts)
    def body(_client: object, _prepared: object) -> None:
        """Nothing."""

    return body


@pytest.mark.parametrize("backend", ["sql", "s3", "vast"])
def test_reads_and_changes(backend):
    """Of what users of a backend ask some four fifths only read, and every probed operation is among it."""
    operations = catalogue.shipped([backend])
    cap = target().model_copy(update={"backend": backend})
    shares = mix(backend, operations, {"main": cap}).shares
    reads = sum(share.weight for share in shares if share.operation.cleanup is None)
    assert 0.75 < reads / sum(share.weight for share in shares) < 0.9
    probed = {one.name for one in operations.values() if one.probe_every_seconds}
    assert {share.operation.name for share in shares} == probed


def test_weights():
    """What is dear, changes something, or is itself many at a time is asked more seldom than what is not."""
    cheap = weight_of(made("sql.cheap"))
    assert weight_of(made("sql.dear", probe_every_seconds=10.0)) < cheap
    assert weight_of(made("sql.change", writes=True, cleanup=in_run_scope)) < cheap
    assert weight_of(made("sql.many", concurrency=10)) < cheap
    assert 0 < weight_of(made("sql.heavy", probe_every_seconds=None)) < weight_of(made("sql.dear", probe_every_seconds=10.0))


@given(st.lists(st.sampled_from([2.0, 10.0, None]), min_size=1, max_size=8), st.integers(0, 2**32))
def test_picks(cadences, seed):
    """Whatever is picked has a share."""
    operations = {f"sql.n{n}": made(f"sql.n{n}", probe_every_seconds=cadence) for n, cadence in enumerate(cadences)}
    shares = mix("sql", operations, {"a": target(), "b": target()}, ["sql.*"]).shares
    pick = mix("sql", operations, {"a": target(), "b": target()}, ["sql.*"]).picker(random.Random(seed))
    assert {pick() for _ in range(50)} <= set(shares)


def test_shares():
    """Operations are picked in proportion to their weights, on each target alike."""
    operations = {"sql.often": made("sql.often"), "sql.seldom": made("sql.seldom", probe_every_seconds=10.0)}
    pick = mix("sql", operations, {"a": target(), "b": target()}).picker(random.Random(7))
    counts = Counter((share.operation.name, share.alias) for share in (pick() for _ in range(12000)))
    assert len(counts) == 4
    for (name, _), count in counts.items():
        expected = 12000 / 2 * (5 / 6 if name == "sql.often" else 1 / 6)
        assert abs(count - expected) < expected / 5


def test_globs():
    """Operations that are named are asked whatever their suite, and no others."""
    shares = mix("sql", catalogue.shipped(["sql"]), {"main": target()}, ["sql.bulk_create_1000", "sql.item_*"]).shares
    names = {share.operation.name for share in shares}
    assert "sql.bulk_create_1000" in names
    assert all(name == "sql.bulk_create_1000" or name.startswith("sql.item_") for name in names)


def test_read_only():
    """A read-only target is asked what does not write; that the rest is left out is one sentence."""
    targets = {"main": target(), "far": target().model_copy(update={"allow_writes": False})}
    found = mix("sql", catalogue.shipped(["sql"]), targets)
    assert {share.operation.name for share in found.shares if share.alias == "far"} == {"sql.item_browse"}
    (sentence,) = found.left_out
    assert sentence.startswith("sql target far is read-only; operations left out because they write: ")


def test_caps():
    """What holds more connections than a worker may open is left out with the cure."""
    found = mix("sql", catalogue.shipped(["sql"]), {"main": target(concurrency=2)})
    assert "sql.concurrent_create_10" not in {share.operation.name for share in found.shares}
    (sentence,) = found.left_out
    assert "than the 2 of one worker: 1" in sentence


def test_nothing_to_ask():
    """Nothing that fits, and nothing that may run, is told with what there is and what to do."""
    operations = catalogue.shipped(["s3"])
    with pytest.raises(ConfigurationError, match=r"--operation s3.segment_uplod: no operation of s3 fits.* s3.segment_upload"):
        mix("s3", operations, {}, ["s3.segment_uplod"])
    read_only = target().model_copy(update={"allow_writes": False})
    with pytest.raises(ConfigurationError, match=r"sql target main is read-only; .*: 1 "):
        mix("sql", catalogue.shipped(["sql"]), {"main": read_only}, ["sql.item_create"])
