"""`steadyline exporter`: the same process as `python -m exporters`."""

import os

from exporters.server import serve


def exporter() -> None:
    """Ask every scheduled operation at its cadence and serve what came of it at /metrics, until Ctrl-C or SIGTERM.

    Settings come from the environment and steadyline.toml; SIGHUP or POST /-/reload reads them anew.
    """
    serve(os.environ)
