"""Whether a segment may take its place: decided without any database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tams_target import START

from targets.tams.registration import Registry, Timeline, UnfitError
from targets.tams.schema import NewSegment
from targets.tams.tables import packed
from targets.tams.timeranges import TimeRange

FLOW, OTHER = "4f79cfd1-c057-47f4-8e4d-1b126ca7bf34", "2aa143ac-0ab7-4d75-bc32-5c00c13d186f"


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 15)), max_size=30))
def test_timeline(wishes):
    """Exactly those timeranges are taken that overlap none that was taken before."""
    timeline, taken = Timeline(), []
    for start, length in wishes:
        wish = TimeRange(start, start + length)
        is_free = not any(wish.overlaps(other) for other in taken)
        try:
            timeline.take(start, start + length)
        except UnfitError:
            assert not is_free
        else:
            assert is_free
            taken.append(wish)
    assert list(zip(timeline.starts, timeline.ends, strict=True)) == sorted((one.start, one.end) for one in taken)


def row(**fields):
    """An object that was made for the flow, and is not registered yet."""
    return {
        "$row_id": 7,
        "id": "o",
        "flow_id": FLOW,
        "storage_key": "key",
        "first_referenced_by_flow": None,
        "segment_count": 0,
        "timerange": None,
        "key_frame_count": None,
        "get_urls": None,
        **fields,
    }


def used(**fields):
    """An object of ten seconds that another flow's segment refers to."""
    return row(flow_id=OTHER, first_referenced_by_flow=OTHER, segment_count=1, timerange="[0:0_10:0)", **fields)


def wish(timerange="[0:0_10:0)", **fields):
    """A segment."""
    return NewSegment.model_validate({"object_id": "o", "timerange": timerange, **fields})


def registry(*objects):
    """A flow without segments."""
    return Registry(FLOW, START, Timeline(), {one["id"]: one for one in objects})


UNFIT = {
    "no such object": ((), wish(), "there is no object o"),
    "made for another flow": ((row(flow_id=OTHER),), wish(), "made for another flow"),
    "beyond the object": ((used(),), wish("[5:0_11:0)"), r"not within the object's, \[0:0_10:0\)"),
    "beyond it by the offset": ((used(),), wish(ts_offset="1:0"), "not within the object's"),
    "another object timerange": ((used(),), wish(object_timerange="[0:0_20:0)"), r"object's is \[0:0_10:0\) already"),
    "another key frame count": ((used(key_frame_count=2),), wish(key_frame_count=3), "has another already"),
    "URLs of what is there": ((used(),), wish(get_urls=[{"url": "http://a/b"}]), "its other instances under /objects"),
    "outside its own object": ((row(),), wish(object_timerange="[1:0_20:0)"), "does not contain"),
    "the storage's label": ((), wish(get_urls=[{"url": "http://a/b", "label": "primary"}]), "the label primary"),
}


@pytest.mark.parametrize(("objects", "asked", "words"), UNFIT.values(), ids=UNFIT)
def test_unfit(objects, asked, words):
    """A segment that cannot be registered is refused in a sentence, and nothing has changed."""
    known = registry(*objects)
    with pytest.raises(UnfitError, match=words):
        known.accept(asked)
    assert (known.segments, known.new_objects(), known.changed_objects()) == ([], [], [])
    assert known.timeline.starts == []


def test_first_segment():
    """The first segment says what its object is: whose, how long, with how many key frames."""
    known = registry(row())
    known.accept(wish("[100:0_110:0)", ts_offset="90:0", object_timerange="[0:0_30:0)", key_frame_count=5))
    assert known.changed_objects() == [
        {
            "$row_id": 7,
            "first_referenced_by_flow": FLOW,
            "segment_count": 1,
            "timerange": "[0:0_30:0)",
            "key_frame_count": 5,
            "get_urls": None,
        }
    ]
    (made,) = known.segments
    assert (made["object_timerange"], made["key_frame_count"], made["storage_key"]) == ("[0:0_30:0)", 5, "key")


def test_reuse():
    """An object that is used again keeps what it is and counts its segments, all of them in one row."""
    known = registry(used())
    known.accept(wish("[100:0_105:0)", ts_offset="100:0"))
    known.accept(wish("[200:0_205:0)", ts_offset="195:0"))
    (changed,) = known.changed_objects()
    assert (changed["segment_count"], changed["first_referenced_by_flow"], changed["timerange"]) == (3, OTHER, "[0:0_10:0)")


def test_elsewhere():
    """An object elsewhere comes with its URLs, once; a second segment of the same request uses it again."""
    known = registry()
    known.accept(wish("[0:0_5:0)", object_timerange="[0:0_10:0)", get_urls=[{"url": "http://a/b", "label": "there"}]))
    known.accept(wish("[5:0_10:0)"))
    (made,) = known.new_objects()
    assert (made["segment_count"], made["storage_key"]) == (2, None)
    assert made["get_urls"] == packed([{"url": "http://a/b", "label": "there"}])
    assert known.changed_objects() == []
