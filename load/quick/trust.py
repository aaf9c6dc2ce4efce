"""How TLS trusts; each context is made once, because reading the system's certificates takes 20 ms."""

import ssl
from functools import cache


@cache
def trusting() -> ssl.SSLContext:
    """Believes any certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@cache
def verifying() -> ssl.SSLContext:
    """Believes what the system trusts."""
    return ssl.create_default_context()
