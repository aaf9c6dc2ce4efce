"""A headless Chromium of the tests' own, that asks nobody but what it is sent to; installed first where that is possible."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        pytest.skip("chromium and chromedriver are not on PATH, and installing them takes root and apt-get")
    with (Path(tempfile.gettempdir()) / "steadyline-apt.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _programs():
            _apt_get("update")
            _apt_get("install", *PACKAGES)
    found = _programs()
    if found is None:
        pytest.skip(f"there is no Chromium in Debian's {', '.join(PACKAGES)}")
    return found


def _apt_get(*arguments: str) -> None:
    command = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300", "--yes", "--no-install-recommends", *arguments]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False, env=environment)
    if done.returncode:
        pytest.skip(f"Chromium cannot be installed: {' '.join(command)}: {(done.stderr or done.stdout).strip()}")
