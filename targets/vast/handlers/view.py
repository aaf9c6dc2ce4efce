"""What a request sees: its transaction's catalogue, or a bucket that the endpoint itself keeps."""

from targets.vast.catalogue import Catalogue, Table, TableName
from targets.vast.errors import MethodNotAllowed
from targets.vast.exchange import Request
from targets.vast.system import SystemBuckets
from targets.vast.transactions import Transaction, Transactions


class View:
    """What every handler looks at first."""

    def __init__(self, transactions: Transactions, system: SystemBuckets) -> None:
        """Look at these."""
        self._transactions = transactions
        self._system = system

    def catalogue(self, request: Request) -> Catalogue:
        """What the request's transaction sees (without one, the newest); a catalogue of its own for a system bucket."""
        catalogue = self._transactions.snapshot(request.txid)
        if request.bucket in self._system.names:
            return self._system.catalogue(request.bucket, catalogue)
        return catalogue

    def table(self, request: Request) -> tuple[TableName, Table]:
        """The table in the request's path."""
        name = request.table
        return name, self.catalogue(request).table(name)

    def writable(self, request: Request) -> Transaction:
        """The request's transaction, to write in.

        Raises:
            MethodNotAllowed: the bucket is kept by the endpoint.
            NoSuchTransaction: there is none.
        """
        if request.bucket in self._system.names:
            raise MethodNotAllowed(f"the bucket {request.bucket} is kept by the endpoint and read-only")
        return self._transactions.get(request.txid)
