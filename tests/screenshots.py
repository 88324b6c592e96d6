"""Takes the pictures of docs/images/ from the real page: `make screenshots`.

Needs the models, an index in index/ and Chromium; starts the page itself.
"""

import subprocess
import sys
import time

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.conftest import ROOT, offline_environment

PORT = 7898
SIZES = {"chat": (1000, 860, "light"), "chat-dark": (1000, 860, "dark"), "chat-phone": (390, 844, "light")}


def main() -> None:
    """Ask two questions in each of the sizes and save what the page shows."""
    command = [sys.executable, str(ROOT / "app.py"), "--port", str(PORT)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=offline_environment()) as chat:
        try:
            assert chat.stdout
            print(chat.stdout.readline().strip())
            for name, (width, height, theme) in SIZES.items():
                take(name, width=width, height=height, theme=theme)
        finally:
            chat.terminate()


def take(name: str, *, width: int, height: int, theme: str) -> None:
    """Save docs/images/NAME.png."""
    options = webdriver.ChromeOptions()
    for switch in ("headless", "no-sandbox", "disable-gpu", "hide-scrollbars", "disable-background-networking"):
        options.add_argument(f"--{switch}")
    options.binary_location = "/usr/bin/chromium"
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))
    try:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        browser.get(f"http://127.0.0.1:{PORT}/?__theme={theme}")
        time.sleep(3)
        for n, question in enumerate(["What did Asif say about weapons?", "And who left them behind?"], start=1):
            browser.find_element(By.CSS_SELECTOR, "#question textarea").send_keys(question, Keys.ENTER)
            while len(browser.find_elements(By.CSS_SELECTOR, "#chat mark")) < n:
                time.sleep(0.2)
            time.sleep(1)
        browser.save_screenshot(f"{ROOT}/docs/images/{name}.png")
    finally:
        browser.quit()


if __name__ == "__main__":
    main()
