"""Requests that change a transaction wait while another of it works off the event loop: else one would undo the other."""

import asyncio
from collections.abc import Mapping

from targets.vast.exchange import Answer, Handled, Handler, Request
from targets.vast.transactions import Transactions


def in_turn(transactions: Transactions, handlers: Mapping[tuple[str, str], Handler]) -> dict[tuple[str, str], Handler]:
    """Light handlers, by method and command: each but those that only read waits for its transaction's turn."""
    return {
        (method, command): handler if method == "GET" else _waiting(transactions, handler)
        for (method, command), handler in handlers.items()
    }


def _waiting(transactions: Transactions, handler: Handler) -> Handler:
    def handle(request: Request) -> Handled:
        turn = transactions.turn(request.txid)
        return handler(request) if turn is None else _later(turn, handler, request)

    return handle


async def _later(turn: asyncio.Lock, handler: Handler, request: Request) -> Answer:
    async with turn:
        answer = handler(request)
    return answer if isinstance(answer, Answer) else await answer
