"""Records: what was written is what is read, and what was written in part is known by that."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vast_changes import applied, described, history

from targets.vast.changes import BucketCreated
from targets.vast.records import DamagedRecordError, ForeignRecordError, decoded, encoded, framed, records

COMMITS = history()
FILE = b"".join(framed(encoded(commit)) for commit in COMMITS)


def test_every_kind_of_change_survives() -> None:
    """Commits that are read back leave the same as those that were written."""
    read = [decoded(record) for record, _ in records(io.BytesIO(FILE))]
    assert described(applied(read)) == described(applied(COMMITS))


@given(st.integers(1, len(FILE) - 1))
def test_cut_file(length: int) -> None:
    """Cut anywhere, a file gives every record that is whole, and then says that one is not."""
    whole = []
    try:
        whole = [end for _, end in records(io.BytesIO(FILE[:length]))]
    except DamagedRecordError:
        pass
    else:
        assert whole[-1] == length


@given(st.integers(0, len(FILE) - 1), st.integers(1, 255))
def test_changed_byte(place: int, flip: int) -> None:
    """A byte that was changed anywhere is found before the record that it is in is used."""
    damaged = bytearray(FILE)
    damaged[place] ^= flip
    before = [0]
    with pytest.raises(DamagedRecordError):
        before.extend(end for _, end in records(io.BytesIO(bytes(damaged))))
    assert before[-1] <= place


def test_record_of_another_version() -> None:
    """A change that this version does not know is no reason to guess."""
    record = encoded([BucketCreated("b")]).replace(b"BucketCreated", b"BucketCarried")
    with pytest.raises(ForeignRecordError):
        decoded(record)
