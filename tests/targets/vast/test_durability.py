"""A crash loses no committed transaction and shows no half one."""

import os
import random
from pathlib import Path

import pyarrow as pa
import pytest
from vast_endpoint import BUCKET, COLUMNS, ROWS, Serve, connected
from vast_kills import killed

KILLS = int(os.environ.get("STEADYLINE_VAST_KILLS", "10"))
"""`make bench` asks for 200."""
SEED = int(os.environ.get("STEADYLINE_VAST_SEED", random.randrange(1 << 32)))


@pytest.mark.stack
@pytest.mark.timeout(60 + 15 * KILLS)
def test_sigkill_at_random_moments(tmp_path: Path) -> None:
    """After each SIGKILL under concurrent commits, every answered commit is there whole, and none is there half."""
    print(f"seed {SEED}: repeat with STEADYLINE_VAST_SEED={SEED}")
    with killed(tmp_path, KILLS, SEED) as lives:
        assert [fault for faults in lives for fault in faults] == []


def test_all_is_there_after_a_clean_end(serve: Serve, tmp_path: Path) -> None:
    """Tables, properties, projections, row ids and rows are the same after a restart; so are buckets."""
    arguments = ("--directory", str(tmp_path / "kept"))
    served = serve("--bucket", BUCKET, *arguments)
    with connected(served.url) as session, session.transaction() as tx:
        table = tx.bucket(BUCKET).create_schema("s").create_table("t", COLUMNS)
        table.insert(ROWS)
        table.create_projection("p", ["id"], ["name"])
        table.delete(pa.record_batch([pa.array([2], pa.uint64())], names=["$row_id"]))
    assert served.stop() == 0
    with connected(serve(*arguments).url) as session, session.transaction() as tx:
        table = tx.bucket(BUCKET).schema("s").table("t")
        assert table.select().read_all() == ROWS.slice(0, 2)
        assert [one.name for one in table.projections()] == ["p"]
        assert table.insert(ROWS.slice(0, 1)).to_pylist() == [3]


def test_transaction_of_an_earlier_life_is_not_known(serve: Serve, tmp_path: Path) -> None:
    """A transaction that was open at a crash has ended, and its id is not given to another."""
    arguments = ("--directory", str(tmp_path / "kept"), "--bucket", BUCKET)
    served = serve(*arguments)
    with connected(served.url) as session:
        old = session.transaction()
        old.__enter__()
        old.bucket(BUCKET).create_schema("never")
    served.kill()
    with connected(serve(*arguments).url) as session, session.transaction() as tx:
        assert tx.txid != old.txid
        assert tx.bucket(BUCKET).schemas() == []
