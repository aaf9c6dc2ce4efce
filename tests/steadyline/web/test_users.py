"""Passwords against hashes: what is kept, what is not, and how many wait."""

import asyncio

import bcrypt
import pytest
from web_config import HASH, PASSWORD

from steadyline.web import users
from steadyline.web.users import Users


@pytest.fixture
def looked(monkeypatch):
    """How often bcrypt was asked."""
    asked = []
    real = bcrypt.checkpw
    monkeypatch.setattr(bcrypt, "checkpw", lambda password, hashed: asked.append(hashed) or real(password, hashed))
    return asked


def answers(found, *tries):
    """Whether each user with a password is let in, one after the other."""

    async def ask():
        return [await found.allow(user, password.encode()) for user, password in tries]

    return asyncio.run(ask())


def test_verified_once(looked):
    """A password that was right is not hashed again; a wrong one is, each time."""
    found = Users({"alice": HASH})
    assert answers(found, ("alice", PASSWORD), ("alice", PASSWORD), ("alice", "x"), ("alice", "x")) == [
        True,
        True,
        False,
        False,
    ]
    assert len(looked) == 3


def test_no_such_user(looked):
    """A user that there is not costs the same hash as one that there is, and is let in with nobody's password."""
    assert answers(Users({"alice": HASH}), ("bob", PASSWORD), ("bob", PASSWORD)) == [False, False]
    assert looked == [HASH.encode()] * 2


def test_long_password():
    """As everywhere with bcrypt, what comes after 72 bytes is not looked at."""
    long = "x" * 72
    hashed = bcrypt.hashpw(long.encode(), bcrypt.gensalt(4)).decode()
    assert answers(Users({"alice": hashed}), ("alice", long + "y"), ("alice", long[1:])) == [True, False]


def test_busy():
    """A flood of guesses is bounded, and who was right before is let in all the same."""

    async def ask():
        found = Users({"alice": HASH})
        assert await found.allow("alice", PASSWORD.encode())
        guesses = [asyncio.create_task(found.allow("alice", b"%d" % index)) for index in range(users.MOST_WAITING)]
        await asyncio.sleep(0)
        assert await found.allow("alice", PASSWORD.encode())
        with pytest.raises(users.BusyError):
            await found.allow("alice", b"one more")
        assert not any(await asyncio.gather(*guesses))

    asyncio.run(ask())
