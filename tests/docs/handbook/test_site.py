"""The handbook's site, built: it is whole, alerts' runbook links open, and a browser that reads it asks nobody else."""

import functools
import http.server
import threading

import pytest
from chromium import chromium
from selenium.webdriver.support.wait import WebDriverWait

from docs.handbook import build, check, places, stage
from steadyline.vocabulary import AlertName

DRAWN_SECONDS = 30
ASKED = "return performance.getEntriesByType('resource').map(one => one.name)"
FOUND = """
const boxes = [...document.querySelectorAll('*')].map(one => one.shadowRoot).filter(Boolean)
return boxes.flatMap(one => [...one.querySelectorAll('[role=listbox] *')]).map(one => one.textContent).join(' ')
"""
SEARCHED = """
const boxes = [...document.querySelectorAll('*')].map(one => one.shadowRoot).filter(Boolean)
return boxes.map(one => one.querySelector('[role=combobox]')).find(Boolean)
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site; nothing is wrong with it."""
    folder = tmp_path_factory.mktemp("handbook") / "site"
    assert build.build(folder) == []
    return folder


@pytest.fixture
def served(site):
    """Its URL on a server of files."""

    class Silent(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            """Nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Silent, directory=site))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("alert", [value for name, value in vars(AlertName).items() if name.isupper()])
def test_runbook_links(site, alert):
    """With `runbook_url` at the site's runbook, each alert's link opens its own heading."""
    assert alert.lower() in check.read(site / "runbook.html").anchors


@pytest.mark.stack
def test_read_in_a_browser(served):
    """A page is drawn and searched, and nothing was fetched but from where the site stands."""
    with chromium(1280, 1000) as browser:
        browser.get(f"{served}index.html")
        wait = WebDriverWait(browser, DRAWN_SECONDS)
        wait.until(lambda there: there.find_elements("css selector", ".md-search__button"))[0].click()
        wait.until(lambda there: there.execute_script(SEARCHED)).send_keys("watchdog")
        wait.until(lambda there: "SteadylineWatchdog" in there.execute_script(FOUND))
        elsewhere = [url for url in browser.execute_script(ASKED) if not url.startswith((served, "data:", "blob:"))]
        assert elsewhere == []
        assert [line for line in browser.get_log("browser") if line["level"] == "SEVERE"] == []


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("[b](nowhere.md)", "page does not exist"),
        ("[b](#nowhere)", "anchor does not exist"),
        ("![b](nowhere.png)", "index.html: leads nowhere: nowhere.png"),
    ],
)
def test_nothing_is_kept_of_a_broken_one(tmp_path, monkeypatch, page, said):
    """A link, an anchor or a picture that leads nowhere is told, and the site that was there stays."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/index.md").write_text(f"# A\n\n{page}\n")
    (tmp_path / "mkdocs.yml").write_text(build.CONFIG.read_text().partition("nav:")[0] + "nav: [index.md]\n")
    monkeypatch.setattr(build, "CONFIG", tmp_path / "mkdocs.yml")
    for module in (places, stage):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(places, "DOCS", tmp_path / "docs")
    kept = tmp_path / "site"
    kept.mkdir()
    (told,) = build.build(kept)
    assert said in told
    assert "Traceback" not in told
    assert list(kept.iterdir()) == []


def test_a_page_that_is_nowhere_in_the_navigation(tmp_path, monkeypatch):
    """A page that the navigation names must be there, once, and one that is there must be led to."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/index.md").write_text("# A\n\n[c](c.md)\n")
    for name in ("b.md", "c.md"):
        (tmp_path / "docs" / name).write_text("# B\n")
    (tmp_path / "mkdocs.yml").write_text("nav: [index.md, {More: [d.md]}, index.md]\n")
    monkeypatch.setattr(build, "CONFIG", tmp_path / "mkdocs.yml")
    monkeypatch.setattr(places, "ROOT", tmp_path)
    monkeypatch.setattr(places, "DOCS", tmp_path / "docs")
    assert list(build._unlisted()) == [
        "mkdocs.yml: nav: d.md: there is no such page",
        "mkdocs.yml: nav: index.md: stands there 2 times",
        "b.md: no page leads there; put it into nav of mkdocs.yml",
    ]
