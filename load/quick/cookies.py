"""The cookies of one user, as FastHttpUser keeps them: http.cookiejar decides, and costs nothing until a cookie came."""

from email.message import Message
from http.cookiejar import Cookie, CookieJar
from urllib.request import Request

from load.quick.answer import Answer


class _Said:
    """An answer's cookies, as http.cookiejar wants to be shown them."""

    def __init__(self, answer: Answer) -> None:
        self._message = Message()
        for name, value in answer.headers.items():
            if name.lower() == "set-cookie":
                self._message.add_header(name, str(value))

    def info(self) -> Message:
        """The headers."""
        return self._message


class Cookies(CookieJar):
    """A jar that knows whether anything was ever put into it.

    Attributes:
        used: whether a cookie was set, by an answer or by the flow.
    """

    used = False

    def set_cookie(self, cookie: Cookie) -> None:
        """Keep a cookie."""
        self.used = True
        super().set_cookie(cookie)

    def line_for(self, url: str) -> tuple[tuple[str, str], ...]:
        """The Cookie line for a request to the URL, or nothing."""
        request = Request(url)  # noqa: S310 - nothing is opened: it is only what the jar asks about a request
        self.add_cookie_header(request)
        value = request.get_header("Cookie")
        return (("Cookie", value),) if value else ()

    def take(self, url: str, answer: Answer) -> None:
        """Keep what an answer from the URL sets."""
        self.extract_cookies(_Said(answer), Request(url))  # type: ignore[arg-type]  # noqa: S310 - as above
