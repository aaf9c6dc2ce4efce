"""`steadyline receiver`: the local notification receiver in the foreground."""

import os

from alerts.receiver.serve import serve
from steadyline import settings as settings_module


def receiver() -> None:
    """Show each notification that Alertmanager sends, and keep it; Ctrl-C ends it.

    The native stack runs one already; this is for an Alertmanager of your own: point its webhook at /alerts.
    """
    serve(settings_module.load(os.environ))
