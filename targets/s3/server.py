"""The embedded S3 as a process: everything that can be wrong is found before it listens, and told in one message."""

import argparse
import ctypes
import os
import sys
from collections.abc import Mapping, Sequence

from targets.s3.app import make_app
from targets.s3.store import BucketNameError, make_buckets
from targets.serving import ADDRESS, USAGE, CannotStart, add_address, check_address, listening, serve_until_signalled
from targets.vast.signature import Keys

PORT = 9000
_M_MMAP_THRESHOLD = -3
"""Of glibc's malloc.h."""
_LARGE_BYTES = 2**20
ACCESS_KEY_VARIABLE = "S3_ACCESS_KEY_ID"
SECRET_KEY_VARIABLE = "S3_SECRET_ACCESS_KEY"  # noqa: S105 - the variable's name


def serve(
    buckets: Sequence[str],
    port: int = PORT,
    *,
    address: str = ADDRESS,
    allow_faults: bool = False,
    environ: Mapping[str, str],
) -> None:
    """Serve until SIGTERM or Ctrl-C, then finish what is under way; all that was stored is gone then.

    Args:
        buckets: made before it listens.
        port: where; 0 takes a free one.
        address: on which address.
        allow_faults: serve fault control.
        environ: the environment; with S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY only what they sign is served.

    Raises:
        CannotStart: usage or busy port; nothing was started.
    """
    keys = _keys(environ)
    _give_back_large_buffers()
    app = make_app(keys, allow_faults=allow_faults)
    try:
        make_buckets(buckets)
    except BucketNameError as error:
        raise CannotStart(f"--bucket: {error}", USAGE) from None
    with listening(port, address) as listener:
        who = "any access key" if keys is None else f"access key {environ[ACCESS_KEY_VARIABLE]}"
        place = f"http://{address}:{listener.getsockname()[1]}"
        told = f"s3: {place} in memory, for {who}; buckets: {', '.join(buckets) or 'none'}"
        serve_until_signalled(app, listener, told)


def _give_back_large_buffers() -> None:
    """Have glibc return bodies to the system once they are freed; elsewhere nothing is done.

    It learns from large buffers to keep them, in a heap for each thread: uploads of 17 MB came to 500 MB that stayed. It
    costs the store a third more CPU time while bodies are large.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)


def _keys(environ: Mapping[str, str]) -> Keys | None:
    access, secret = environ.get(ACCESS_KEY_VARIABLE, ""), environ.get(SECRET_KEY_VARIABLE, "")
    if bool(access) != bool(secret):
        raise CannotStart(f"set both {ACCESS_KEY_VARIABLE} and {SECRET_KEY_VARIABLE}, or neither", USAGE)
    return Keys({access: secret}) if access else None


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of `python -m targets.s3`; answers the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m targets.s3",
        description="Serve S3 from memory.",
        epilog=f"{ACCESS_KEY_VARIABLE} and {SECRET_KEY_VARIABLE}: serve only what they sign.",
    )
    parser.add_argument("--port", type=int, default=PORT, help="0 takes a free one (default: %(default)s)")
    parser.add_argument("--bucket", action="append", default=[], help="make it at the start; may be repeated")
    add_address(parser)
    parser.add_argument("--allow-faults", action="store_true", help="serve fault control, which makes chosen requests slow")
    asked = parser.parse_args(arguments)
    try:
        check_address(asked.listen_address, anonymous=asked.anonymous or ACCESS_KEY_VARIABLE in os.environ)
        serve(asked.bucket, asked.port, address=asked.listen_address, allow_faults=asked.allow_faults, environ=os.environ)
    except CannotStart as reason:
        print(f"s3: {reason}", file=sys.stderr)  # noqa: T201 - this is a command line
        return reason.exit_code
    return 0
