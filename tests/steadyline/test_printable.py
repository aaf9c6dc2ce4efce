from steadyline.printable import LONGEST_TOLD, printable, shortened


def test_printable():
    """What is no white space and no letter is replaced, white space is a space, and all else stays."""
    assert printable("ä  é\t\n\x1b[31m\u202e") == "ä  é  \N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}"
    assert printable("as it was") == "as it was"


def test_shortened():
    """What is too long ends before the word that does not fit: no redactor would know half a password."""
    fits = "x" * (LONGEST_TOLD - 2)
    assert shortened(f"{fits} y") == f"{fits} y"
    assert shortened(f"{fits} pass") == f"{fits}…"
    assert shortened("p" * (LONGEST_TOLD + 1)) == "…"
