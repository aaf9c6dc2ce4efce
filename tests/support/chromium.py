"""A headless Chromium of the tests' own, that asks nobody but what it is sent to; installed first where that is possible."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import apt_get
import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
)
PACKAGES = ("chromium", "chromium-driver")


@contextmanager
def chromium(width: int, height: int) -> Iterator[Chrome]:
    """One with a window of this size, whose console is kept; skips where there is none."""
    browser, driver = _programs() or _install()
    with tempfile.TemporaryDirectory(prefix="steadyline-chromium-") as profile:
        options = ChromeOptions()
        options.binary_location = browser
        for flag in (*FLAGS, f"--window-size={width},{height}", f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        started = Chrome(options=options, service=Service(driver))
        try:
            yield started
        finally:
            started.quit()


def _programs() -> tuple[str, str] | None:
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    return (browser, driver) if browser and driver else None


def _install() -> tuple[str, str]:
    """Debian's packages; one pytest worker installs, the others find them installed."""
    if not apt_get.possible():
        pytest.skip("chromium and chromedriver are not on PATH, and installing them takes root and apt-get")
    with apt_get.alone():
        if not _programs():
            apt_get.get("Chromium", "update")
            apt_get.get("Chromium", "install", *PACKAGES)
    found = _programs()
    if found is None:
        pytest.skip(f"there is no Chromium in Debian's {', '.join(PACKAGES)}")
    return found
