"""What the queries share: the data set that they are asked of, and what makes an answer right."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from steadyline.operation import DEAR_SECONDS, operation
from steadyline.operations.dataset import DATASET_ITEMS, content_of, title_of
from steadyline.operations.renewal import Scoped
from steadyline.operations.sql.client import SqlClient
from steadyline.outcome import IntegrityError
from targets.trace.model import Item


def the_dataset(client: SqlClient) -> Scoped:
    """The project that is asked, where every attempt asks the same."""
    return client.dataset


query = partial(operation, writes=True, probe_every_seconds=DEAR_SECONDS, prepare=the_dataset)
"""`operation` for a question to the data set, which is written when it is first needed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that differs from attempt to attempt.

    Attributes:
        dataset: the project that is asked.
        number: of the item that the question is about.
    """

    dataset: Scoped
    number: int

    @property
    def item(self) -> str:
        """The id of that item."""
        return self.dataset.items[self.number]


def in_turn(numbers: Sequence[int]) -> Callable[[SqlClient], Asked]:
    """A prepare step that takes items of these numbers in turn."""
    return lambda client: Asked(client.dataset, numbers[client.turn() % len(numbers)])


def require(condition: bool, what: str) -> None:
    """Refuse a wrong answer.

    Raises:
        IntegrityError: the condition does not hold; `what` says how the answer is wrong.
    """
    if not condition:
        raise IntegrityError(what)


def require_items(dataset: Scoped, items: Sequence[Item], numbers: Sequence[int]) -> None:
    """Require exactly the data set's items of these numbers, each with its own title, in whatever order."""
    expected = {dataset.items[number]: title_of(number) for number in numbers}
    found = {item.id: item.title for item in items}
    require(len(items) == len(numbers) and found == expected, f"{len(items)} items came, not the {len(numbers)} asked for")


def require_page(dataset: Scoped, items: Sequence[Item], numbers: Sequence[int]) -> None:
    """Require the data set's items of these numbers in this order."""
    require_items(dataset, items, numbers)
    require([item.id for item in items] == [dataset.items[number] for number in numbers], "the page is not in order")


def numbers_where(is_meant: Callable[[dict[str, Any]], bool]) -> list[int]:
    """The numbers of the data set's items whose content is meant."""
    return [number for number in range(DATASET_ITEMS) if is_meant(content_of(number))]
