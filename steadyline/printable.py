"""Text that others wrote, such as a file's, made harmless for a terminal and for what reads a log line by line."""

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def printable(text: str) -> str:
    """The text on one line, without anything that a terminal obeys."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else " " if one.isspace() else REPLACEMENT for one in text)
