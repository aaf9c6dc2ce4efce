from steadyline.printable import printable


def test_printable():
    """What is no white space and no letter is replaced, white space is a space, and all else stays."""
    assert printable("ä  é\t\n\x1b[31m\u202e") == "ä  é  \N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}"
    assert printable("as it was") == "as it was"
