"""What a flow gets for a request: FastResponse's interface, over an answer or over the error that came instead."""

import json
from types import TracebackType
from typing import Any, NoReturn, Self

from geventhttpclient.header import Headers
from locust.contrib.fasthttp import LocustBadStatusCode, LocustUserAgent
from locust.event import EventHook
from locust.exception import CatchResponseError, LocustError, ResponseError
from requests.utils import get_encoding_from_headers

from load.quick.answer import Answer

_GOOD = LocustUserAgent.valid_response_codes
_FIRST_ERROR = 400
_DEFAULT_ENCODING = "utf-8"


class Response:
    """What came, or why nothing did.

    Attributes:
        url: asked for last, without credentials.
        error: why the request failed, or None; a status that is no success is a failure.
        encoding: of `text`; set it before reading `text` where the answer does not say it, or is wrong.
    """

    __slots__ = ("_answer", "_headers", "encoding", "error", "js", "url")

    def __init__(self, url: str, answer: Answer | None, error: BaseException | None = None) -> None:
        self.url = url
        self.error: BaseException | None = error
        self._answer = answer
        self._headers: Headers | None = None
        self.encoding: str | None = None
        self.js: Any = None
        if answer is not None and answer.status not in _GOOD:
            self.error = LocustBadStatusCode(url, code=answer.status)

    @property
    def status_code(self) -> int:
        """The answer's code; 0 without an answer."""
        return self._answer.status if self._answer is not None else 0

    @property
    def ok(self) -> bool:
        """Whether an answer came and is no error."""
        return self._answer is not None and self._answer.status < _FIRST_ERROR

    @property
    def headers(self) -> Headers | None:
        """By name in any case; None without an answer."""
        if self._headers is None and self._answer is not None:
            self._headers = self._answer.headers
        return self._headers

    @property
    def content(self) -> bytes | None:
        """The body; None without an answer."""
        return self._answer.content if self._answer is not None else None

    @property
    def text(self) -> str | None:
        """The body as text; UTF-8 where nobody says otherwise. None without an answer."""
        return None if self._answer is None else self._decoded(self._answer)

    def _decoded(self, answer: Answer) -> str:
        encoding = self.encoding or get_encoding_from_headers(answer.headers) or _DEFAULT_ENCODING
        try:
            return str(answer.content, encoding, errors="replace")
        except LookupError:  # an encoding that nobody knows
            return str(answer.content, _DEFAULT_ENCODING, errors="replace")

    def json(self) -> Any:
        """The body's JSON.

        Raises:
            ValueError: it is none.
            OSError: no answer came.
        """
        if self._answer is None:
            self.raise_for_status()
            raise LocustError("no answer came")
        return json.loads(self._decoded(self._answer) if self.encoding else self._answer.content)

    def raise_for_status(self) -> None:
        """Raise why the request failed, if it did."""
        if self.error is not None:
            raise self.error

    def success(self) -> NoReturn:
        """Refused: only a caught response may be judged."""
        raise LocustError("pass catch_response=True and use the response in a with-block to judge it")

    def failure(self, *_args: object, **_kwargs: object) -> NoReturn:
        """Refused: only a caught response may be judged."""
        self.success()


class CaughtResponse(Response):
    """A response that the flow judges in a with-block; the request's event is fired at its end.

    Attributes:
        request_meta: the event's fields; may be changed in the block.
    """

    __slots__ = ("_entered", "_event", "_judged", "request_meta")

    def report_to(self, event: EventHook, meta: dict[str, Any]) -> Self:
        """Fire this event with these fields when the block ends."""
        self._event = event
        self.request_meta = meta
        self._entered = False
        self._judged: Exception | bool = False
        return self

    def __enter__(self) -> Self:
        self._entered = True
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> bool:
        if self._judged:
            self._report(None if self._judged is True else self._judged)
            return kind is None
        if kind is None:
            self._report(self.error)
        elif isinstance(value, ResponseError):
            self._report(value)
        else:
            return False
        return True

    def _report(self, exception: BaseException | bool | None) -> None:
        self.request_meta["exception"] = exception
        self._event.fire(**self.request_meta)  # type: ignore[no-untyped-call]

    def success(self) -> None:  # type: ignore[override]
        """The request succeeded, whatever its status."""
        self._judge(verdict=True)

    def failure(self, exc: object) -> None:  # type: ignore[override]
        """The request failed; anything but an exception is made one."""
        self._judge(verdict=exc if isinstance(exc, Exception) else CatchResponseError(exc))

    def _judge(self, *, verdict: Exception | bool) -> None:
        if not self._entered:
            raise LocustError(
                "use the response in a with-block to judge it: with self.client.get(..., catch_response=True) as …"
            )
        self._judged = verdict

    def raise_for_status(self) -> None:
        """Raise why the request failed, if it did and the flow did not say otherwise."""
        if not self._judged:
            super().raise_for_status()
        elif isinstance(self._judged, Exception):
            raise self._judged
