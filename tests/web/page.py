"""The live page as its reader sees it: rows, verdicts, calls, by their words."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from tests.web.browser import emulate
from zvmlab.neutron_api import wait_for

LAPTOP = (1366, 900)
PHONE = (390, 844)
PATIENCE = 30.0


class Page:
    """An open page. A NIC is named by its key, "ZVMA:WEB1:1000"."""

    def __init__(self, browser: Chrome, url: str) -> None:
        self.browser, self.url = browser, url
        browser.get("about:blank")
        for log in ("browser", "performance"):
            browser.get_log(log)
        emulate(browser, *LAPTOP)
        browser.get(url)
        self.until(lambda: self.words("state"), ["live"], "the page to be live")

    def until(self, look: Callable[[], Any], wanted: object, what: str) -> None:
        """Return once `look` sees what is wanted."""

        def seen() -> Any:
            try:
                return look()
            except StaleElementReferenceException:
                return "a page that is just changing"

        wait_for(seen, lambda sight: sight == wanted, what, timeout=PATIENCE)

    def words(self, place: str) -> list[str]:
        """The lines of an element with that id."""
        return self.browser.find_element(By.ID, place).text.splitlines()

    def find(self, selector: str) -> list[WebElement]:
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def nics(self, within: str = "#network") -> dict[str, str]:
        """The words of every NIC shown, by its key, on one line each."""
        script = "return [...document.querySelectorAll(arguments[0])].map(e => [e.dataset.key, e.innerText])"
        rows: Sequence[tuple[str, str]] = self.run(script, f"{within} .nic")
        return {key: " ".join(text.split()) for key, text in rows}

    def section_of(self, key: str) -> str:
        """The heading above a NIC; "" while it is not shown."""
        row = self.find(f'.nic[data-key="{key}"]')
        return row[0].find_element(By.XPATH, "ancestor::section//h2/span").text if row else ""

    def nic(self, key: str) -> WebElement:
        return self.find(f'.nic[data-key="{key}"]')[0]

    def choose(self, *keys: str) -> None:
        self.run("document.getElementById('clear').click()")
        for key in keys:
            self.run("arguments[0].scrollIntoView({block: 'center'})", self.nic(key))
            self.nic(key).click()

    def answers(self) -> list[str]:
        """The sentences of the verdict, without their marks."""
        return [" ".join(words.text.split()) for words in self.find(".answer .words")]

    def filter(self, text: str) -> None:
        box = self.browser.find_element(By.ID, "filter")
        box.clear()
        box.send_keys(text)

    def focused(self) -> str:
        """The key or id of what has the focus."""
        return str(self.run("const e = document.activeElement; return e.dataset.key || e.id || e.tagName"))

    def run(self, script: str, *arguments: object) -> Any:
        return self.browser.execute_script(script, *arguments)

    def requested(self) -> list[str]:
        """Every address asked for since the page was opened, or since this was called."""
        messages = [json.loads(line["message"])["message"] for line in self.browser.get_log("performance")]
        sent = [each["params"] for each in messages if each["method"] == "Network.requestWillBeSent"]
        return [params["request"]["url"] for params in sent]

    def is_clean(self) -> None:
        """Nothing in the console, nothing asked of anybody else."""
        complaints = [entry["message"] for entry in self.browser.get_log("browser")]
        strangers = [url for url in self.requested() if not url.startswith(f"{self.url}/")]
        assert (complaints, strangers) == ([], []), f"console: {complaints}; asked elsewhere: {strangers}"
