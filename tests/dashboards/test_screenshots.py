"""The boards as a real Grafana draws them, at 1280 pixels, dark and light, where one is named that they were pushed into."""

import base64
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from chromium import chromium
from selenium.webdriver import Chrome
from selenium.webdriver.support.wait import WebDriverWait

from dashboards.shipped import shipped
from steadyline.boards import Board
from steadyline.secret_file import first_line

URL = os.environ.get("GRAFANA_URL", "")
TOKEN_FILE = os.environ.get("GRAFANA_TOKEN_FILE")
FOLDER = os.environ.get("GRAFANA_SCREENSHOTS")
pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif(not URL, reason="GRAFANA_URL names no Grafana with the boards (`steadyline dashboards push`) in it"),
]
WIDTH, HEIGHT, DRAWN_SECONDS = 1280, 3000, 60
"""High enough that Grafana, which draws what is in sight, draws all."""
PANELS = "return document.querySelectorAll('[data-testid^=\"data-testid Panel header\"]').length"
FAULTS = 'return document.querySelectorAll(\'[data-testid*="Panel status error"], [aria-label*="Panel header error"]\').length'
OVERFLOW = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    """Chromium that is let in by the token's file, or as who stands in the URL."""
    with chromium(WIDTH, HEIGHT) as started:
        parts = urlsplit(URL)
        asked = ""
        if TOKEN_FILE:
            asked = f"Bearer {first_line(Path(TOKEN_FILE), 'GRAFANA_TOKEN_FILE', 'the token')}"
        elif parts.username:
            login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            asked = f"Basic {base64.b64encode(login.encode()).decode()}"
        started.execute_cdp_cmd("Network.enable", {})
        started.execute_cdp_cmd("Network.setExtraHTTPHeaders", {"headers": {"Authorization": asked} if asked else {}})
        yield started


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("board", list(Board))
def test_a_board_is_drawn(browser: Chrome, tmp_path: Path, board: Board, theme: str) -> None:
    """Every panel is there, none shows an error, nothing is wider than the window; the picture is kept."""
    parts = urlsplit(URL)
    base = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")
    browser.get(f"{base}{board.path}?theme={theme}&kiosk")
    expected = sum(panel["type"] != "row" for panel in shipped()[board]["panels"])
    WebDriverWait(browser, DRAWN_SECONDS).until(lambda there: there.execute_script(PANELS) >= expected)
    picture = Path(FOLDER or tmp_path) / f"{board}-{theme}.png"
    picture.parent.mkdir(parents=True, exist_ok=True)
    assert browser.save_screenshot(str(picture))
    assert browser.execute_script(FAULTS) == 0, picture
    assert browser.execute_script(OVERFLOW) <= 0, picture
