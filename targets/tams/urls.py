"""The URLs of a media object: presigned ones of this service's storage, and those elsewhere that clients registered."""

import uuid
from collections.abc import Sequence
from typing import Any

from targets.tams.answers import GetUrl, StorageBackend
from targets.tams.media import Media
from targets.tams.schema import UrlChoice
from targets.tams.settings import S3Place

LABEL = "primary"
"""Of the one storage backend; no client's URL may take it."""


def backend(place: S3Place) -> StorageBackend:
    """The one storage backend; its id follows from where it is, so that it survives a restart."""
    return StorageBackend(
        id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"{place.endpoint}/{place.bucket}")),
        label=LABEL,
        store_type="http_object_store",
        provider="self-hosted",
        region=place.region,
        store_product="s3",
        default_storage=True,
    )


def get_urls(media: Media, key: str | None, elsewhere: Sequence[dict[str, Any]], choice: UrlChoice) -> list[GetUrl]:
    """The URLs of an object that a client chose, those of this service first.

    Args:
        media: signs them.
        key: where the object lies in the bucket; None when it lies elsewhere only.
        elsewhere: `url` and, where it has one, `label` of each URL that a client registered.
        choice: which ones are wanted.
    """
    labels = None if choice.accept_get_urls is None else set(choice.accept_get_urls.split(","))
    found = []
    if key is not None and choice.presigned is not False and (labels is None or LABEL in labels):
        own = backend(media.place)
        if not choice.accept_storage_ids or own.id in choice.accept_storage_ids:
            found.append(_own_url(media.get_url(key), own, is_verbose=choice.verbose_storage))
    if choice.presigned is not True and not choice.accept_storage_ids:
        wanted = [one for one in elsewhere if labels is None or one.get("label") in labels]
        controlled = False if choice.verbose_storage else None
        found += [GetUrl(url=one["url"], label=one.get("label"), presigned=False, controlled=controlled) for one in wanted]
    return found


def _own_url(url: str, own: StorageBackend, *, is_verbose: bool) -> GetUrl:
    if not is_verbose:
        return GetUrl(url=url, label=own.label, presigned=True)
    facts = own.model_dump(include={"label", "store_type", "provider", "region", "store_product"})
    return GetUrl(url=url, presigned=True, controlled=True, storage_id=own.id, **facts)
