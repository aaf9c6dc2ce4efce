"""A bucket's snapshots, which the SDK asks for as an S3 list of its own making: GET /bucket?…prefix=.snapshot/…."""

from xml.sax.saxutils import escape

from targets.vast.errors import NoSuchBucket
from targets.vast.exchange import Answer, Handler, Request
from targets.vast.system import SystemBuckets
from targets.vast.transactions import Transactions


def asks_for_snapshots(method: str, query: str) -> bool:
    """Whether a request asks for snapshots; no other client spells `list_type` so."""
    return method == "GET" and "list_type=" in query and "prefix=.snapshot" in query


class SnapshotRequests:
    """The handler of a list of snapshots."""

    def __init__(self, transactions: Transactions, system: SystemBuckets) -> None:
        """Look at these."""
        self._transactions = transactions
        self._system = system

    def handlers(self) -> dict[tuple[str, str], Handler]:
        """Under a command that the SDK has and never sends."""
        return {("GET", "list"): self.list}

    def list(self, request: Request) -> Answer:
        """Names of snapshots; only the catalogue has some."""
        held = self._transactions.newest
        if request.path not in held.buckets and request.path not in self._system.names:
            raise NoSuchBucket(f"there is no bucket {request.path}")
        prefix = request.parameter("prefix") or ""
        names = [name for name in self._system.snapshots(request.path, held) if name.startswith(prefix)]
        found = "".join(f"<CommonPrefixes><Prefix>{escape(name)}/</Prefix></CommonPrefixes>" for name in names)
        body = f"<ListBucketResult><IsTruncated>false</IsTruncated><Marker></Marker>{found}</ListBucketResult>"
        return Answer(headers=((b"content-type", b"application/xml"),), parts=(body.encode(),))
