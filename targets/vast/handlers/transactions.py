"""?transaction: begin, commit, roll back, look; and the version check, which needs none."""

from collections.abc import Awaitable

from targets.vast.exchange import DONE, Answer, Handled, Handler, Request
from targets.vast.transactions import Transactions


class TransactionRequests:
    """The handlers of ?transaction."""

    def __init__(self, transactions: Transactions) -> None:
        """Work on these."""
        self._transactions = transactions

    def handlers(self) -> dict[tuple[str, str], Handler]:
        """By method and command."""
        return {
            ("POST", "transaction"): self.begin,
            ("GET", "transaction"): self.look,
            ("PUT", "transaction"): self.commit,
            ("DELETE", "transaction"): self.rollback,
        }

    def begin(self, _request: Request) -> Answer:
        """A new transaction."""
        return Answer(headers=((b"tabular-txid", b"%d" % self._transactions.begin()),))

    def look(self, request: Request) -> Answer:
        """Whether the transaction is open; or only the version, which stands in every answer."""
        if request.headers.get("tabular-get-vast-version") is None:
            self._transactions.get(request.txid)
        return DONE

    def commit(self, request: Request) -> Handled:
        """Keep what the transaction did."""
        waiting = self._transactions.commit(request.txid)
        return DONE if waiting is None else _done_after(waiting)

    def rollback(self, request: Request) -> Handled:
        """Forget what the transaction did."""
        waiting = self._transactions.rollback(request.txid)
        return DONE if waiting is None else _done_after(waiting)


async def _done_after(waiting: Awaitable[None]) -> Answer:
    await waiting
    return DONE
