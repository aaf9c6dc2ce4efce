"""A file that a user names, read wholly: one without an end, or larger than such a file can be, is refused and not read on."""

from pathlib import Path

from steadyline.errors import ConfigurationError

LARGEST_BYTES = 64 * 1024 * 1024
"""A thousand baselines with their histograms are 2 MB."""
_MIB = 1024 * 1024


def content_of(path: Path, largest_bytes: int = LARGEST_BYTES) -> bytes:
    """The bytes of a file.

    Args:
        path: the file; a pipe will do.
        largest_bytes: how large one of its kind may be.

    Raises:
        ConfigurationError: it is larger, or has no end.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        content = file.read(largest_bytes + 1)
    if len(content) > largest_bytes:
        raise ConfigurationError(f"{path}: is larger than {largest_bytes // _MIB} MiB; name another file")
    return content
