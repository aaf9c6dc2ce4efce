"""What the Trace API accepts: one model per request, unknown keys refused."""

import json
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, model_validator

MOST_AT_ONCE = 1000
"""Most rows of one page, and most items of one bulk request."""


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not contain the character NUL")
    return text


def _finite(value: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Refuse what JSON itself or PostgreSQL's JSONB cannot hold: NaN, infinities, the character NUL."""
    try:
        text = json.dumps(value, allow_nan=False)
    except ValueError:
        raise ValueError("must hold finite numbers only") from None
    if "\\u0000" in text:
        raise ValueError("must not contain the character NUL")
    return value


Id = Annotated[str, Field(min_length=1, max_length=36), AfterValidator(_storable)]
Word = Annotated[str, Field(min_length=1, max_length=50), AfterValidator(_storable)]
Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_storable)]
Title = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_storable)]
Prose = Annotated[str, Field(max_length=100_000), AfterValidator(_storable)]
Whole = Annotated[int, Field(ge=-(2**31), lt=2**31)]
Metadata = Annotated[dict[str, JsonValue], AfterValidator(_finite)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(_Request):
    """A request without parameters."""


class _Page(_Request):
    skip: Annotated[int, Field(ge=0, lt=2**31)] = 0
    limit: Annotated[int, Field(ge=1, le=MOST_AT_ONCE)] = 100


class ProjectPage(_Page):
    """Which projects: those whose name starts with `prefix`."""

    prefix: Annotated[str, Field(max_length=200), AfterValidator(_storable)] = ""


class NewProject(_Request):
    """A project to make; the id is the client's where given, so that it can delete what it never saw answered."""

    name: Name
    id: Id | None = None


class ItemPage(_Page):
    """Which items; `view` is the item's type, `with_deleted` shows the soft-deleted ones too."""

    project_id: Id | None = None
    view: Word | None = None
    status: Word | None = None
    parent_id: Id | None = None
    with_deleted: bool = False


class ProjectOnly(_Request):
    """All of one project."""

    project_id: Id


class ItemContent(_Request):
    """An item's fields."""

    title: Title
    description: Prose | None = None
    external_id: Name | None = None
    type: Word = "task"
    status: Word = "todo"
    priority: Whole = 0
    parent_id: Id | None = None
    metadata: Metadata = {}


class NewItem(ItemContent):
    """An item to make; the id as in a new project."""

    project_id: Id
    id: Id | None = None


class Deletion(_Request):
    """How to delete an item: `permanent` takes the row too, also of one that was deleted before."""

    permanent: bool = False


class NewItems(_Request):
    """Items to make in one project, all or none."""

    project_id: Id
    items: Annotated[list[ItemContent], Field(min_length=1, max_length=MOST_AT_ONCE)]


class _Changes(_Request):
    """Fields to change; what is not named stays as it is."""

    @model_validator(mode="after")
    def _no_null_for_required(self) -> "_Changes":
        for name in self.model_fields_set - {"description", "external_id", "parent_id"}:
            if getattr(self, name) is None:
                raise ValueError(f"{name}: must not be null; leave it out to keep it")
        return self

    def changes(self) -> dict[str, Any]:
        """The fields that were named, the column `metadata` under its attribute's name."""
        named = self.model_dump(exclude_unset=True, exclude={"version"})
        if "metadata" in named:
            named["attributes"] = named.pop("metadata")
        return named


class ItemFields(_Changes):
    """Any of an item's fields."""

    title: Title | None = None
    description: Prose | None = None
    external_id: Name | None = None
    type: Word | None = None
    status: Word | None = None
    priority: Whole | None = None
    parent_id: Id | None = None
    metadata: Metadata | None = None


class ItemChange(ItemFields):
    """A change of one item, which must still be at `version`."""

    version: Whole


class ItemsChange(_Request):
    """One change of several items, all or none."""

    ids: Annotated[list[Id], Field(min_length=1, max_length=MOST_AT_ONCE)]
    change: ItemFields

    @model_validator(mode="after")
    def _worth_it(self) -> "ItemsChange":
        if not self.change.model_fields_set:
            raise ValueError("change: name at least one field")
        return self


class LinkPage(_Page):
    """Which links."""

    project_id: Id | None = None
    source_item_id: Id | None = None
    target_item_id: Id | None = None
    link_type: Word | None = None


class NewLink(_Request):
    """A link to make between two items of the project; the id as in a new project."""

    project_id: Id
    id: Id | None = None
    source_item_id: Id
    target_item_id: Id
    link_type: Word
    metadata: Metadata = {}


class LinkChange(_Changes):
    """A change of one link."""

    link_type: Word | None = None
    metadata: Metadata | None = None
