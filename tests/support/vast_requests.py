"""What the official SDK would send, caught before it leaves."""

from vastdb._internal import VastdbApi


class Caught(Exception):  # noqa: N818 - it carries the body out
    """Raised in place of the request."""

    def __init__(self, body):
        """Keep the body."""
        super().__init__()
        self.body = bytes(body)


class Api(VastdbApi):
    """The SDK's client whose requests end in `Caught`."""

    def __init__(self):
        """Connect to nowhere."""
        super().__init__("key", "secret", endpoints=["http://127.0.0.1:1"], max_entities_per_page=1000, version_check=False)
        self._request = self._single_request

    def _single_request(self, *, data=b"", **_rest):
        raise Caught(data)


def sent(send):
    """The body that a call of the client would send."""
    try:
        send(Api())
    except Caught as caught:
        return caught.body
    raise AssertionError("the SDK sent nothing")
