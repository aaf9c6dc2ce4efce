"""Requests of any content that are rightly signed, so that they get past the door of an S3 or VAST DB endpoint."""

import http.client
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


@dataclass(frozen=True)
class Signer:
    """Who asks, and where.

    Attributes:
        url: the endpoint.
        access: the access key.
        secret: its secret.
    """

    url: str
    access: str
    secret: str

    def ask(
        self, method: str, path: str, query: dict[str, str] | None = None, body: bytes = b"", **headers: str
    ) -> tuple[int, bytes]:
        """Status and body of the answer."""
        said = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in (query or {}).items())
        place = quote(path, safe="/") + (f"?{said}" if said else "")
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = AWSRequest(method, self.url + place, data=body, headers=named)
        S3SigV4Auth(Credentials(self.access, self.secret), "s3", "us-east-1").add_auth(request)
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=30)
        try:
            connection.request(method, place, body=body, headers=dict(request.headers.items()))
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()
