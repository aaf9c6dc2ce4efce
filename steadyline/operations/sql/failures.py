"""Which reason each error of SQLAlchemy, psycopg and sqlite3 is; what is none of theirs is a bug and stays loud."""

import sqlite3

import psycopg
from sqlalchemy.exc import DBAPIError, NoResultFound
from sqlalchemy.exc import IntegrityError as ConstraintError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import StaleDataError

from steadyline.operations.renewal import ClientClosedError
from steadyline.operations.sql.silence import SilentServerError
from steadyline.outcome import Reason

_SQLSTATE = {
    "57014": Reason.TIMEOUT,  # query_canceled: statement_timeout, unless its text says who asked for it
    "55P03": Reason.TIMEOUT,  # lock_not_available: lock_timeout
    "42501": Reason.AUTH,  # insufficient_privilege
    "53300": Reason.THROTTLED,  # too_many_connections: the server's limit, not our pool's
    "40001": Reason.CONFLICT,  # serialization_failure
    "40P01": Reason.CONFLICT,  # deadlock_detected
    "57P01": Reason.CONNECT,  # admin_shutdown
    "57P02": Reason.CONNECT,  # crash_shutdown
    "57P03": Reason.CONNECT,  # cannot_connect_now: starting up
    "08": Reason.CONNECT,
    "23": Reason.CONFLICT,  # a constraint: another writer made or removed what this one counted on
    "28": Reason.AUTH,
    "0A": Reason.CLIENT_ERROR,
    "22": Reason.CLIENT_ERROR,
    "25": Reason.CLIENT_ERROR,  # read-only transaction among them
    "3D": Reason.CLIENT_ERROR,  # no such database
    "3F": Reason.CLIENT_ERROR,
    "42": Reason.CLIENT_ERROR,  # no such table or column, syntax
}
"""By SQLSTATE, else by its class (the first two characters), else a server error."""

_REFUSALS = (
    (Reason.DNS, ("failed to resolve host", "could not translate host name", "Name or service not known", "[Errno -")),
    (Reason.AUTH, ("authentication failed", "no password supplied", "pg_hba.conf", "is not permitted to log in", "role ")),
    (Reason.TLS, ("SSL", "certificate", "TLS", "invalid sslmode")),
    (Reason.THROTTLED, ("too many clients", "too many connections", "remaining connection slots")),
    (Reason.CLIENT_ERROR, ("database ", "invalid connection option", "invalid URI")),
)
"""libpq gives no SQLSTATE while it connects, only text; looked through in this order."""
_BROKEN = ("Connection refused", "closed the connection", "closed unexpectedly", "the database system is")
"""Texts that say connect, and that may hold the words of other reasons ("SSL connection has been closed unexpectedly").

The last one is of a server that starts, ends or recovers (57P03).
"""

_SQLITE = {
    sqlite3.SQLITE_BUSY: Reason.TIMEOUT,  # another's write lock for longer than the busy timeout
    sqlite3.SQLITE_LOCKED: Reason.TIMEOUT,
    sqlite3.SQLITE_CONSTRAINT: Reason.CONFLICT,
    sqlite3.SQLITE_PERM: Reason.AUTH,
    sqlite3.SQLITE_AUTH: Reason.AUTH,
    sqlite3.SQLITE_CANTOPEN: Reason.CONNECT,
    sqlite3.SQLITE_INTERRUPT: Reason.CANCELLED,
    sqlite3.SQLITE_READONLY: Reason.CLIENT_ERROR,
    sqlite3.SQLITE_ERROR: Reason.CLIENT_ERROR,  # no such table, syntax
    sqlite3.SQLITE_TOOBIG: Reason.CLIENT_ERROR,
    sqlite3.SQLITE_MISMATCH: Reason.CLIENT_ERROR,
    sqlite3.SQLITE_RANGE: Reason.CLIENT_ERROR,
}
"""By primary result code; the others (disk full, I/O, not a database) are the server's, which SQLite is itself."""


def reason_of(error: Exception) -> Reason | None:
    """The reason of one error, or None where it comes from neither the database nor the way to it."""
    if isinstance(error, ClientClosedError):
        return Reason.CANCELLED
    if isinstance(error, PoolTimeoutError):
        return Reason.POOL_EXHAUSTED
    if isinstance(error, StaleDataError | ConstraintError | NoResultFound):
        return Reason.CONFLICT  # another writer changed, removed or made first what this one counted on
    if isinstance(error, DBAPIError):
        driver = error.orig
        return (_driver_reason(driver) if isinstance(driver, Exception) else None) or Reason.SERVER_ERROR
    return _driver_reason(error)


def _driver_reason(error: Exception) -> Reason | None:
    if isinstance(error, psycopg.Error):
        return _by_sqlstate(error) if error.sqlstate else _while_connecting(error)
    if isinstance(error, sqlite3.Error):
        return _sqlite_reason(error)
    return None


def _by_sqlstate(error: psycopg.Error) -> Reason:
    state = error.sqlstate or ""
    if state == "57014" and "user request" in str(error):
        return Reason.CANCELLED
    return _SQLSTATE.get(state) or _SQLSTATE.get(state[:2]) or Reason.SERVER_ERROR


def _while_connecting(error: psycopg.Error) -> Reason:
    text = str(error)
    if isinstance(error, SilentServerError):
        return Reason.TIMEOUT
    if isinstance(error, psycopg.InterfaceError | psycopg.ProgrammingError):
        return Reason.CLIENT_ERROR
    if isinstance(error, psycopg.errors.ConnectionTimeout) or any(words in text for words in _BROKEN):
        return Reason.CONNECT
    return next((reason for reason, words in _REFUSALS if any(word in text for word in words)), Reason.CONNECT)


def _sqlite_reason(error: sqlite3.Error) -> Reason:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:  # raised by the module itself: a closed connection, a wrong parameter
        return Reason.CLIENT_ERROR
    return _SQLITE.get(code & 0xFF, Reason.SERVER_ERROR)
