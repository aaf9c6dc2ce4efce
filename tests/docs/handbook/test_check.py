"""What is said of a built site in which something leads nowhere."""

import pytest

from docs.handbook.check import faults

HEAD = '<link href="a.css" rel="stylesheet"><h1 id="top">A</h1>'


@pytest.fixture
def site(tmp_path):
    """A whole one of three files."""
    (tmp_path / "in").mkdir()
    (tmp_path / "a.css").write_text("")
    (tmp_path / "index.html").write_text(
        f'{HEAD}<a href="in/b.html#two">b</a><a href="in/">in</a><a href="https://host.example">x</a>'
    )
    (tmp_path / "in/index.html").write_text('<a href="../index.html#top">up</a>')
    (tmp_path / "in/b.html").write_text('<h2 id="two">Two</h2><a href="#two">two</a><img src="data:," alt="none">')
    return tmp_path


def test_whole(site):
    """Nothing is said of one in which all leads somewhere; what a reader follows to elsewhere may be anything."""
    assert list(faults(site)) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('<a href="no.html">', "in/b.html: leads nowhere: no.html"),
        ('<a href="../../outside.html">', "in/b.html: leads nowhere: ../../outside.html"),
        ('<a href="/index.html">', "in/b.html: leads nowhere: /index.html"),
        ('<a href="../index.html#three">', "in/b.html: no such anchor: ../index.html#three"),
        ('<a href="#three">', "in/b.html: no such anchor: #three"),
        ('<img src="no.png" alt="a picture">', "in/b.html: leads nowhere: no.png"),
        ('<img src="../a.css">', "in/b.html: a picture without alt text: ../a.css"),
        ('<script src="https://cdn.example/x.js">', "in/b.html: <script> is fetched from elsewhere: https://cdn.example/x.js"),
        ('<link href="//fonts.example/x.css">', "in/b.html: <link> is fetched from elsewhere: //fonts.example/x.css"),
        (
            '<img src="http://host.example/a.png" alt="a">',
            "in/b.html: <img> is fetched from elsewhere: http://host.example/a.png",
        ),
    ],
)
def test_faults(site, body, said):
    """Each is told with its page and its target."""
    (site / "in/b.html").write_text(f'<h2 id="two">Two</h2>{body}')
    assert list(faults(site)) == [said]


def test_no_page(tmp_path):
    """A builder that built nothing is told."""
    assert list(faults(tmp_path)) == [f"{tmp_path.name}: there is no page"]
