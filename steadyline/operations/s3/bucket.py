"""One bucket: the questions that operations ask of it, in the words of S3."""

import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

from botocore.exceptions import ClientError

from steadyline.operations.s3.failures import PutRefusedError, code_of, is_missing
from steadyline.operations.s3.wire import Wire
from steadyline.outcome import IntegrityError

CONTENT_TYPE = "video/mp2t"
"""Of a media segment, as a TAMS client uploads it."""
PRESIGNED_SECONDS = 300
PAGE = 1000
"""Objects of one listing; the most that S3 gives."""
_CODE = re.compile(rb"<Code>(\w+)</Code>")


class Bucket:
    """A bucket as one client of the SDK sees it; safe for several threads.

    Args:
        name: of the bucket.
        sdk: the client.
        wire: what the client sends over.
    """

    def __init__(self, name: str, sdk: Any, wire: Wire) -> None:
        """Ask nothing yet."""
        self._name = name
        self._sdk = sdk
        self._wire = wire

    def put(self, key: str, body: bytes, **facts: Any) -> str:
        """Store an object; its ETag. Facts are PutObject's (Metadata …)."""
        answer = self._sdk.put_object(Bucket=self._name, Key=key, Body=body, ContentType=CONTENT_TYPE, **facts)
        return _told(answer, "ETag")

    def get(self, key: str, **facts: Any) -> tuple[bytes, dict[str, Any]]:
        """An object's bytes, and what else was answered. Facts are GetObject's (Range …)."""
        answer = self._sdk.get_object(Bucket=self._name, Key=key, **facts)
        with closing(answer["Body"]) as body:
            return body.read(), answer

    def read_back(self, key: str, start: int, size: int, whole: int) -> tuple[bytes, str]:
        """Some bytes of what was stored just now, and the ETag of all of it.

        Raises:
            IntegrityError: it is not there, or it has not as many bytes as were sent.
        """
        end = start + size - 1
        try:
            found, answer = self.get(key, Range=f"bytes={start}-{end}")
        except ClientError as error:
            if is_missing(error) or code_of(error) == "InvalidRange":
                raise IntegrityError("what was stored is not there, or not as long as it was sent") from None
            raise
        if answer.get("ContentRange") != f"bytes {start}-{end}/{whole}":
            raise IntegrityError("what was stored is not as long as it was sent")
        return found, answer.get("ETag", "")

    def head(self, key: str) -> dict[str, Any]:
        """What is known of an object."""
        return dict(self._sdk.head_object(Bucket=self._name, Key=key))

    def has(self, key: str) -> bool:
        """Whether the object is there."""
        try:
            self.head(key)
        except ClientError as error:
            if is_missing(error):
                return False
            raise
        return True

    def delete(self, key: str) -> None:
        """Delete an object; that it is gone already is no error in S3."""
        self._sdk.delete_object(Bucket=self._name, Key=key)

    def delete_all(self, keys: Sequence[str]) -> None:
        """Delete up to `PAGE` objects by one request; that some are gone already is no error in S3.

        Raises:
            IntegrityError: the store kept one of them.
        """
        named = {"Objects": [{"Key": key} for key in keys], "Quiet": True}
        if kept := self._sdk.delete_objects(Bucket=self._name, Delete=named).get("Errors"):
            raise IntegrityError(f"the store kept {len(kept)} of {len(keys)} objects: {kept[0].get('Code')}")

    def page(self, prefix: str = "", most: int | None = None, after: str = "") -> dict[str, Any]:
        """The first objects, or those that follow a page's NextContinuationToken.

        Raises:
            IntegrityError: the answer is no listing; the SDK takes any success for an empty one.
        """
        facts = {"ContinuationToken": after} if after else {}
        page = dict(self._sdk.list_objects_v2(Bucket=self._name, Prefix=prefix, MaxKeys=most or PAGE, **facts))
        _told(page, "Name")
        return page

    def pages(self, prefix: str) -> Iterator[dict[str, Any]]:
        """All pages of objects."""
        page = self.page(prefix)
        yield page
        while page.get("IsTruncated"):
            page = self.page(prefix, after=_told(page, "NextContinuationToken"))
            yield page

    def uploads(self, prefix: str) -> Iterator[dict[str, Any]]:
        """All unfinished multipart uploads."""
        facts: dict[str, str] = {}
        while True:
            page = self._sdk.list_multipart_uploads(Bucket=self._name, Prefix=prefix, **facts)
            yield from page.get("Uploads", [])
            if not page.get("IsTruncated"):
                return
            facts = {"KeyMarker": _told(page, "NextKeyMarker"), "UploadIdMarker": _told(page, "NextUploadIdMarker")}

    def begin(self, key: str) -> str:
        """Begin a multipart upload; its id."""
        answer = self._sdk.create_multipart_upload(Bucket=self._name, Key=key, ContentType=CONTENT_TYPE)
        return _told(answer, "UploadId")

    def put_part(self, key: str, upload: str, number: int, body: bytes) -> dict[str, Any]:
        """Upload one part, counted from 1; what completing wants to know of it."""
        place = {"Bucket": self._name, "Key": key, "UploadId": upload, "PartNumber": number}
        return {"PartNumber": number, "ETag": _told(self._sdk.upload_part(**place, Body=body), "ETag")}

    def complete(self, key: str, upload: str, parts: list[dict[str, Any]]) -> str:
        """Make one object of the parts; its ETag."""
        place = {"Bucket": self._name, "Key": key, "UploadId": upload}
        return _told(self._sdk.complete_multipart_upload(**place, MultipartUpload={"Parts": parts}), "ETag")

    def abort(self, key: str, upload: str) -> bool:
        """Abort a multipart upload; False where it had ended already."""
        try:
            self._sdk.abort_multipart_upload(Bucket=self._name, Key=key, UploadId=upload)
        except ClientError as error:
            if is_missing(error):
                return False
            raise
        return True

    def presigned_put(self, key: str) -> str:
        """A URL to which anybody may upload the object; nothing is sent for it."""
        place = {"Bucket": self._name, "Key": key, "ContentType": CONTENT_TYPE}
        return str(self._sdk.generate_presigned_url("put_object", Params=place, ExpiresIn=PRESIGNED_SECONDS))

    def put_presigned(self, url: str, body: bytes) -> str:
        """Upload to a presigned URL, without the SDK; the object's ETag.

        Raises:
            PutRefusedError: an answer that is no success.
        """
        answer = self._wire.put(url, body, {"Content-Type": CONTENT_TYPE})
        if not 200 <= answer.status < 300:  # noqa: PLR2004 - the statuses of success
            code = _CODE.search(answer.data)
            raise PutRefusedError(answer.status, code[1].decode() if code else "")
        return answer.headers.get("ETag", "")

    def close(self) -> None:
        """Let the SDK's client go; the wire stays."""
        self._sdk.close()


def _told(answer: dict[str, Any], name: str) -> str:
    """What every answer of S3 to that question says.

    Raises:
        IntegrityError: it does not say it.
    """
    if not (found := answer.get(name)):
        raise IntegrityError(f"the answer is not S3's: it has no {name}")
    return str(found)
