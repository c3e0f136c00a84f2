"""Headless Chromium, as Debian packages it, driven over WebDriver."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from selenium import webdriver

PROGRAMS = {"chromium": "chromium", "chromedriver": "chromium-driver"}
"""What is needed, and the Debian packages that have it."""


def missing() -> list[str]:
    """The Debian packages that would have to be installed."""
    return [package for program, package in PROGRAMS.items() if not shutil.which(program)]


@contextmanager
def chromium() -> Iterator[webdriver.Chrome]:
    """A browser with a profile of its own that resolves no name but localhost."""
    with tempfile.TemporaryDirectory(prefix="chromium-") as profile:
        service = webdriver.ChromeService(shutil.which("chromedriver"))
        browser = webdriver.Chrome(_options(profile), service)
        try:
            yield browser
        finally:
            browser.quit()


def _options(profile: str) -> webdriver.ChromeOptions:
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--no-first-run",
        "--no-proxy-server",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
        f"--user-data-dir={profile}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return options


def emulate(browser: webdriver.Chrome, width: int, height: int, scheme: str = "light") -> None:
    """Another screen: its size in CSS pixels, and whether the user prefers "light" or "dark"."""
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
