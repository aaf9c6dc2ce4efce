"""The one redactor: takes secrets out of database URLs, other URLs and libpq connection strings, wherever they stand.

SQLAlchemy's `str(URL)` hides the password in the authority and shows the one in `?password=`; here both go. In doubt more
is hidden, never less: a `&` inside a quoted password costs the rest of the word.
"""

import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus, unquote, unquote_plus

HIDDEN = "***"
"""What stands in a secret's place."""
SHORTEST_LITERAL = 3
"""A known secret shorter than this is hidden by its place only: taking every "a" out of a text hides nothing."""

_SECRET_WORDS = ("password", "passwd", "passphrase", "pwd", "token", "secret", "credential", "signature", "apikey")
_SECRET_NAMES = ("pass", "key", "sig", "auth", "accesskey", "privatekey", "sslkey", "authorization")

_BEFORE_WORD = r"(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{2})"
"""A word begins behind what is no letter and no digit, an encoded one too: `ann%3Ahunter2`."""

# The password runs to the last @ of the word, because people forget to encode theirs; a ?key= before ends it, so that
# ?mail=a@b does not cost the host. Where that finds no @, the password may hold even the ?key=.
_BEFORE_AT = re.compile(r"(?<!\S)\S*@")
"""As much of a word as may hold an authority: looked at once, so that a long text takes no longer than its length."""
_AUTHORITY = re.compile(r"(?<![\w+.-])(?P<before>[\w+.-]+://[^:/?#\s@]*:)(?:(?:(?!\?[^\s=?@]+=)\S)*|\S*)(?=@)")
_DEEPEST = 5
"""How often a value within a value is decoded; what lies deeper is hidden as a whole."""
_PARAMETER = re.compile(r"(?P<before>[?&#](?P<name>[^=&#?\s]+)=)(?P<value>[^&\s]*)")
_KEYWORD = re.compile(r"(?<![\w%?&#.-])(?P<name>[\w%.-]+)\s*=\s*")
_KEYWORD_VALUE = re.compile(r"'(?:\\.|[^'\\])*(?:'|\\?\Z)|(?:\\.|[^\s\\])+", re.DOTALL)
"""As libpq reads it: quoted, or up to a blank, a backslash escaping the next character."""


def is_secret_name(name: str) -> bool:
    """Whether a parameter of that name holds a secret, whatever its case, its separators and its percent-encoding."""
    plain = re.sub(r"[^a-z0-9]", "", unquote_plus(name).casefold())
    return plain in _SECRET_NAMES or any(word in plain for word in _SECRET_WORDS)


def _without_keyword_values(text: str) -> str:
    shown, at = "", 0
    while keyword := _KEYWORD.search(text, at):
        value = _KEYWORD_VALUE.match(text, keyword.end()) if is_secret_name(keyword["name"]) else None
        shown += text[at : keyword.end()] + (HIDDEN if value else "")
        at = value.end() if value else keyword.end()
    return shown + text[at:]


def _parameter(match: re.Match[str], depth: int) -> str:
    if is_secret_name(match["name"]) or depth > _DEEPEST:
        return match["before"] + HIDDEN
    decoded = unquote_plus(match["value"])
    if decoded == match["value"]:
        return match[0]
    shown = _redacted(decoded, depth + 1)  # a whole URL or connection string, encoded into a parameter
    return match[0] if shown == decoded else match["before"] + quote_plus(shown, safe="*")


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without the secrets that its URLs and connection strings carry.

    Args:
        text: any text: an error's message, a URL, a connection string.
        secrets: values known to be secret; they go wherever they stand as a word, percent-encoded or not.

    Returns:
        The same text with `***` in each secret's place; host, port, user and database stay.
    """
    for secret in sorted(secrets, key=len, reverse=True):
        text = _without(text, secret)
    return _redacted(text, 0)


def _redacted(text: str, depth: int) -> str:
    """What its places alone tell to be secret, hidden."""
    text = _BEFORE_AT.sub(lambda word: _AUTHORITY.sub(lambda match: match["before"] + HIDDEN, word[0]), text)
    return _PARAMETER.sub(lambda match: _parameter(match, depth), _without_keyword_values(text))


def _without(text: str, secret: str) -> str:
    """Hide one known value; only as a whole word, so that the user `postgres` keeps `postgresql://` readable."""
    if len(secret) < SHORTEST_LITERAL:
        return text
    forms = {secret, unquote(secret), quote(secret, safe=""), quote(secret), quote_plus(secret), repr(secret)[1:-1]}
    for form in sorted(forms, key=len, reverse=True):
        text = re.sub(rf"(?:{_BEFORE_WORD}){re.escape(form)}(?![A-Za-z0-9])", HIDDEN, text)
    return text
