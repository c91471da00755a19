"""Uses the page in a headless Chromium as a person would, and prints what it found as JSON.

    python tests/serve/browser.py CHROMIUM URL AXE FOLDER

It runs in the environment of the clients, which has Playwright. AXE is axe.min.js; screenshots go to FOLDER.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

# Without these a browser in a closed network asks for hosts that it cannot reach.
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip


def until(page: Page, holds: str) -> None:
    """Wait until something is true in the page, which lets no text be run as a script by itself."""
    for _ in range(400):
        if page.evaluate(holds):
            return
        page.wait_for_timeout(50)
    raise AssertionError(holds)


def translate(page: Page) -> dict[str, Any]:
    """Type two lines, look at a word and its partner, walk on with the keyboard."""
    page.fill("#translate-text", "The old sailor sees 3 boats.\n\nA dog runs at http://a.example now.")
    page.wait_for_selector("#translation .pair >> nth=1")
    words = page.locator("#translation .pair >> nth=0").locator(".words.to .word")
    page.locator("#translation .pair >> nth=0").locator(".words.to .word").nth(1).hover()
    found = {
        "words": words.all_inner_texts(),
        "linked": page.locator(".linked").all_inner_texts(),
        "kept": page.locator("#translation .word.kept").all_inner_texts(),
        "others": page.locator("#translation .others li").count(),
        "likely": words.nth(0).get_attribute("title"),
    }
    words.nth(0).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    found["walked"] = page.locator("#translation .word:focus").inner_text()
    page.fill("#translate-text", "")
    page.wait_for_selector("#translation .pair", state="detached")
    return found


def write(page: Page) -> dict[str, Any]:
    """Write, take another symbol, stop; by mouse and by keys."""
    page.select_option("#write-model", "tiny-english")
    page.fill("#write-text", "TOBY: ")
    page.locator("#slider-length").fill("60")
    page.locator("#slider-temperature").fill("0.5")
    page.click("#write-go")
    until(page, "document.querySelectorAll('#written .symbol').length === 60")
    first = page.locator("#written").inner_text()
    page.locator("#written .symbol").nth(10).click()
    shares = page.locator("#choices .p").all_inner_texts()
    taken = page.locator("#choices button").nth(1).inner_text().split()[0]
    page.locator("#choices button").nth(1).click()
    until(page, "document.querySelectorAll('#written .symbol').length === 60")
    second = page.locator("#written").inner_text()
    page.focus("#written")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    by_key = page.locator("#choices button:focus").count()
    page.keyboard.press("Escape")
    page.locator("#slider-length").fill("2000")
    page.focus("#write-text")
    page.keyboard.press("Control+Enter")
    until(page, "document.querySelectorAll('#written .symbol').length > 5")
    page.keyboard.press("Escape")
    until(page, "document.getElementById('write-stop').disabled")
    return {"first": first, "second": second, "taken": taken, "shares": shares, "by_key": by_key,
            "stopped": page.locator("#written .symbol").count()}  # fmt: skip


def inside(page: Page) -> dict[str, Any]:
    """Look inside a translation and a writing model."""
    found = {}
    for model, text in (("tiny-english-french", "The old sailor sees 3 boats."), ("tiny-english", "TOBY: But I")):
        page.select_option("#inside-model", model)
        page.fill("#inside-text", text)
        page.click("#inside-go")
        until(page, "document.getElementById('inside-go').disabled === false")
        frame = page.frame_locator("#inside-page")
        frame.get_by_role("heading", name=f"seqgen: {model}", exact=True).wait_for()
        found[model] = frame.locator("h2").all_inner_texts()
    return found


def training(page: Page) -> dict[str, Any]:
    """What is said of the run that is being trained."""
    page.wait_for_selector("#some-training:not([hidden])")
    page.frame_locator("#training-page").locator("h2").first.wait_for()
    return {"said": page.locator("#training-left").inner_text(), "name": page.locator("#training-model").input_value(),
            "parts": page.frame_locator("#training-page").locator("h2").all_inner_texts()}  # fmt: skip


def main() -> None:
    """All of it, in both themes and on a phone."""
    chromium, url, axe, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3]).read_text(encoding="utf-8"), Path(sys.argv[4])
    found: dict[str, Any] = {"console": [], "elsewhere": [], "violations": [], "wide": []}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        page = browser.new_page(viewport={"width": 1100, "height": 800}, locale="en-GB", color_scheme="light")
        page.set_default_timeout(20_000)
        page.on("console", lambda message: found["console"].append(message.text))
        page.on("pageerror", lambda error: found["console"].append(str(error)))
        page.on(
            "request", lambda asked: None if asked.url.startswith((url, "about:")) else found["elsewhere"].append(asked.url)
        )
        page.goto(f"{url}/")
        for name, use in (("translate", translate), ("write", write), ("inside", inside), ("training", training)):
            page.click(f"#tab-{name}")
            found[name] = use(page)
        page.click("#tab-translate")
        page.fill("#translate-text", "The old sailor sees 3 boats.")
        page.wait_for_selector("#translation .pair")
        for theme in ("light", "dark"):
            for width in (1100, 390):
                page.set_viewport_size({"width": width, "height": 844})
                for name in ("translate", "write", "inside", "training"):
                    page.click(f"#tab-{name}")
                    page.screenshot(path=folder / f"{name}-{theme}-{width}.png")
                    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                        found["wide"].append(f"{name} at {width}")
                    if (theme, width) in (("light", 390), ("dark", 1100)):
                        continue  # each theme and each width once
                    page.evaluate(axe)
                    for violation in page.evaluate("axe.run(document, {iframes: false})")["violations"]:
                        found["violations"].append(f"{name} {theme} {width}: {violation['id']}: {violation['help']}")
            page.click("#theme")
        page.click("#language")
        found["korean"] = page.locator("#tab-translate").inner_text()
        found["lang"] = page.locator("html").get_attribute("lang")
        page.reload()
        found["remembered"] = page.locator("#tab-translate").inner_text()
        browser.close()
    print(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    main()
