"""Lists: the pages of any size together are the list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targets.vast.errors import InvalidArgument
from targets.vast.exchange import Request
from targets.vast.listing import chosen, page


def asked(**headers: str) -> Request:
    """A request with these headers, their dashes written as underscores."""
    return Request("GET", "/b", "table", {name.replace("_", "-"): value for name, value in headers.items()}, b"")


@given(st.sets(st.text("ab\N{SNOWMAN}", max_size=4)), st.integers(1, 5), st.text("ab", max_size=2))
def test_pages_are_the_list(names: set[str], size: int, prefix: str) -> None:
    """Page after page, every name with the prefix comes once and in order, and the last page says that it is."""
    found: list[str] = []
    following, is_truncated = b"0", b"true"
    while is_truncated == b"true":
        request = asked(tabular_name_prefix=prefix, tabular_max_keys=str(size), tabular_next_key=following.decode())
        shown, headers = page(request, chosen(request, names))
        told = dict(headers)
        following, is_truncated = told[b"tabular-next-key"], told[b"tabular-is-truncated"]
        assert len(shown) <= size
        found += shown
    assert found == sorted(name for name in names if name.startswith(prefix))


def test_exact_name() -> None:
    """One name is found by itself, not by what it begins with."""
    assert chosen(asked(tabular_name_exact_match="a"), {"a": 1, "ab": 2}) == ["a"]
    assert chosen(asked(tabular_name_exact_match="b"), {"a": 1, "ab": 2}) == []


def test_count_only() -> None:
    """A count comes without names."""
    shown, headers = page(asked(tabular_list_count_only="True"), ["a", "b"])
    assert list(shown) == []
    assert dict(headers)[b"tabular-list-count"] == b"2"


def test_own_order() -> None:
    """Columns stay in the order of their table."""
    assert chosen(asked(), ["z", "a"], ordered=True) == ["z", "a"]


def test_number_that_is_none() -> None:
    """A header that should be a number and is none is refused."""
    with pytest.raises(InvalidArgument, match="tabular-max-keys"):
        page(asked(tabular_max_keys="many"), [])
