"""What a browser says of the page that asks: one elsewhere makes it start no probe, reload nothing and read nothing.

A browser sends the user's password and certificate with such requests as well. The rule is the resource isolation policy of
https://web.dev/articles/fetch-metadata; what is no browser sends no such headers.
"""

from starlette.datastructures import Headers

_SITE, _MODE, _DESTINATION = "sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest"
_OWN = (None, "none", "same-origin", "same-site")
"""By hand, by this server's own pages, or by another port of this host, such as Grafana's."""
_READS = ("GET", "HEAD")


def is_foreign(method: str, headers: Headers) -> bool:
    """Whether another site's page asks in the background; a link that somebody follows to a page is none."""
    followed = method in _READS and (headers.get(_MODE), headers.get(_DESTINATION)) == ("navigate", "document")
    return headers.get(_SITE) not in _OWN and not followed
