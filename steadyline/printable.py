"""Text that others wrote, such as a file's, made harmless for a terminal and for what reads a log line by line."""

LONGEST_TOLD = 500
"""Characters of a text that others wrote, in a message of ours."""
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def printable(text: str) -> str:
    """The text on one line, without anything that a terminal obeys."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else " " if one.isspace() else REPLACEMENT for one in text)


def shortened(text: str) -> str:
    """The text, or as many of its words as a message has room for: half a password in it would be known by no redactor."""
    if len(text) <= LONGEST_TOLD:
        return text
    return f"{' '.join(text[: LONGEST_TOLD + 1].split(' ')[:-1])}…"
