#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Chromium with a person in front of it: opens URL without a window, logs in
at the exchange, reads the consent page, agrees, and looks at what the program
says at last, on a desk and on a telephone.

    BROWSER=.../chromium.py jhe-mcp ...     or      chromium.py URL

Environment:
    LOGIN_USER, LOGIN_PASS  as for tests/exchange/browser.sh
    CONSENT=deny            presses Cancel on the consent page
    PICTURES                a directory that gets PNGs of the pages and, when
                            all is done, report.json

It speaks WebDriver to chromium-driver, with nothing but Python's library.
"""

import base64
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.parse

DRIVERS = ("chromedriver", "/usr/bin/chromedriver",
           "/usr/lib/chromium/chromedriver")
BROWSERS = ("chromium", "/usr/bin/chromium")
# Without a window, and without asking anybody but the pages' servers.
SWITCHES = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
            "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage", "--no-proxy-server"]
SCREENS = {
    "desktop": {"width": 1280, "height": 800, "deviceScaleFactor": 1,
                "mobile": False},
    "phone": {"width": 390, "height": 844, "deviceScaleFactor": 2,
              "mobile": True},
}
PAGE_S = 30
ALL_S = 75

# What a page is, for report.json.
LOOK = """
const root = document.documentElement;
return {
    url: location.href, title: document.title,
    heading: document.querySelector("h1")?.innerText ?? null,
    text: document.body.innerText,
    wide: root.scrollWidth > root.clientWidth,
    high: root.scrollHeight > root.clientHeight,
    viewport: root.clientWidth,
    smallest: Math.min(...[...document.querySelectorAll("main *")].map(
        (one) => parseFloat(getComputedStyle(one).fontSize))),
    styled: getComputedStyle(document.body).display,
    fetched: performance.getEntriesByType("resource").map((one) => one.name),
    stored: document.cookie,
};
"""


def find(names):
    """The first of these programs that is there, or None."""
    for name in names:
        found = shutil.which(name)
        if found:
            return found
    return None


def missing():
    """What is not installed, as a text; '' if nothing."""
    return " and ".join(what for what, names in (
        ("chromium", BROWSERS), ("chromium-driver", DRIVERS))
        if not find(names))


def start_driver(directory):
    """(process, port) of chromedriver.

    It takes a free port of IPv4 and wants the same of IPv6, which may be
    taken: then it ends."""
    for _ in range(5):
        driver = subprocess.Popen(
            [find(DRIVERS), "--port=0"], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            cwd=directory)
        told = ""
        for line in driver.stdout:
            told += line
            found = re.search(r"started successfully on port (\d+)", line)
            if found:
                return driver, int(found.group(1))
        driver.wait()
        driver.stdout.close()
    raise RuntimeError(f"chromedriver did not start: {told}")


class Browser:
    def __init__(self):
        self.work = tempfile.mkdtemp(prefix="jhe-chromium.")
        self.driver = None
        self.session = None
        try:
            self.driver, self.port = start_driver(self.work)
            self._begin()
        except BaseException:
            self.close()
            raise

    def _begin(self):
        answer = self.ask("POST", "/session", {"capabilities": {
            "alwaysMatch": {
                "goog:chromeOptions": {
                    "binary": find(BROWSERS),
                    "args": SWITCHES + [
                        f"--user-data-dir={self.work}/profile"]},
                "goog:loggingPrefs": {"browser": "ALL"},
                "timeouts": {"pageLoad": PAGE_S * 1000}}}})
        self.session = "/session/" + answer["sessionId"]

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port,
                                                timeout=PAGE_S + 10)
        try:
            connection.request(
                method, path, None if body is None else json.dumps(body),
                {"Content-Type": "application/json"})
            value = json.loads(connection.getresponse().read())["value"]
        finally:
            connection.close()
        if isinstance(value, dict) and "error" in value:
            raise RuntimeError(f"{path}: {value['message']}")
        return value

    def close(self):
        try:
            if self.session:
                self.ask("DELETE", self.session)
        except (OSError, RuntimeError):
            pass
        if self.driver:
            self.driver.terminate()
            self.driver.wait()
            self.driver.stdout.close()
        shutil.rmtree(self.work, ignore_errors=True)

    def open(self, url):
        self.ask("POST", self.session + "/url", {"url": url})

    def url(self):
        return self.ask("GET", self.session + "/url")

    def run(self, script):
        return self.ask("POST", self.session + "/execute/sync",
                        {"script": script, "args": []})

    def tell(self, command, **parameters):
        """A command of Chromium's own protocol."""
        return self.ask("POST", self.session + "/goog/cdp/execute",
                        {"cmd": command, "params": parameters})

    def elements(self, selector):
        found = self.ask("POST", self.session + "/elements", {
            "using": "css selector", "value": selector})
        return [f"{self.session}/element/{next(iter(one.values()))}"
                for one in found]

    def type(self, selector, text):
        self.ask("POST", self.elements(selector)[0] + "/value",
                 {"text": text})

    def press(self, selector):
        """Clicks, and waits until the page has made way for the next."""
        page = self.elements("html")[0]
        self.ask("POST", self.elements(selector)[0] + "/click", {})
        end = time.monotonic() + PAGE_S
        while time.monotonic() < end:
            try:
                self.ask("GET", page + "/name")
            except RuntimeError:
                return
            time.sleep(0.05)
        raise RuntimeError(f"{selector} led nowhere")

    def screen(self, name, scheme="light"):
        self.tell("Emulation.setDeviceMetricsOverride", **SCREENS[name])
        self.tell("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": scheme}])

    def picture(self, directory, name):
        if directory:
            png = self.ask("GET", self.session + "/screenshot")
            with open(os.path.join(directory, name + ".png"), "wb") as file:
                file.write(base64.b64decode(png))

    def complaints(self):
        """What the browser noted about the pages."""
        return [entry["message"] for entry in self.ask(
            "POST", self.session + "/se/log", {"type": "browser"})]


def log_in(browser, pictures, report):
    """From the exchange's first page until another host's."""
    origin = urllib.parse.urlsplit(browser.url())[:2]
    end = time.monotonic() + PAGE_S
    while urllib.parse.urlsplit(browser.url())[:2] == origin:
        if time.monotonic() > end:
            raise RuntimeError(f"stuck at {browser.url()}")
        if browser.elements("input[name=password]"):
            report["pages"].append("login")
            browser.type("input[name=username]", os.environ["LOGIN_USER"])
            browser.type("input[name=password]", os.environ["LOGIN_PASS"])
            browser.press("[type=submit]")
        elif browser.elements("input[name=allow]"):
            report["pages"].append("consent")
            report["consent"] = browser.run(LOOK)["text"]
            browser.screen("desktop")
            browser.picture(pictures, "consent-desktop")
            browser.press("input[type=submit]:not([name])" if
                          os.environ.get("CONSENT") == "deny" else
                          "input[name=allow]")
        else:
            time.sleep(0.05)


def look(browser, pictures, report, name):
    """The same page as four people see it."""
    for screen in SCREENS:
        for scheme in ("light", "dark"):
            browser.screen(screen, scheme)
            report[f"{name}-{screen}-{scheme}"] = browser.run(LOOK)
            browser.picture(pictures, f"{name}-{screen}-{scheme}")


def visit(url, pictures, report):
    browser = Browser()
    try:
        browser.open(url)
        log_in(browser, pictures, report)
        browser.screen("desktop")
        look(browser, pictures, report, "last")
        report["complaints"] = browser.complaints()
        # A person who reloads the page, or comes back to it.
        try:
            browser.ask("POST", browser.session + "/refresh", {})
            report["reloaded"] = browser.run(LOOK)["text"]
        except RuntimeError as error:
            report["reloaded"] = str(error)
    finally:
        browser.close()


def too_late(*_):
    raise TimeoutError(f"not done in {ALL_S} s")


def main(url):
    pictures = os.environ.get("PICTURES")
    report = {"pages": [], "error": None}
    signal.signal(signal.SIGALRM, too_late)
    signal.alarm(ALL_S)
    try:
        visit(url, pictures, report)
    except Exception:
        report["error"] = traceback.format_exc()
    if pictures:
        path = os.path.join(pictures, "report.json")
        with open(path + ".new", "w", encoding="utf-8") as file:
            json.dump(report, file, indent=1)
        os.rename(path + ".new", path)
    return report["error"]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: chromium.py URL")
    sys.exit(main(sys.argv[1]))
