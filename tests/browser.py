"""A person in front of the course: JupyterLab is started by our commands, and seen by Chromium."""

import io
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import expect, sync_playwright

from tests.classroom import PROGRAMS, REPOSITORY

CHROMIUM = shutil.which("chromium")
PATIENCE = 180_000  # ms; how long to wait for what must come, on a machine that is busy
WINDOW = {"width": 1280, "height": 800}
FLAGS = [  # as root, without a screen, and without a word to anybody else
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# Scroll an element to the top of what it scrolls in, and return where that begins and ends.
SCROLL_TO_TOP = """element => {
    element.style.scrollMarginTop = "8px";
    element.scrollIntoView({block: "start"});
    for (let box = element.parentElement; box; box = box.parentElement)
        if (box.scrollHeight > box.clientHeight
                && ["auto", "scroll"].includes(getComputedStyle(box).overflowY))
            return box.getBoundingClientRect().toJSON();
    return {top: 0, bottom: innerHeight};
}"""


@contextmanager
def chromium():
    """Start the browser."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def serving(command, course, exchange):
    """Start ``python -m autograder lab`` or ``teach`` in a course's folder; give its address.

    Nothing of the machine's is found: no program but those of the environment, and so no ``dot``,
    and no settings of the user's.
    """
    home = course.parent / f"{command}-home"
    home.mkdir()
    environment = {
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "OPENBLAS_NUM_THREADS": "1",
        "PATH": PROGRAMS,
        "PYTHONPATH": str(REPOSITORY),
        "TZ": "UTC",
        "UNROLLED_EXCHANGE": str(exchange),
    }
    assert shutil.which("dot", path=PROGRAMS) is None
    root = ["--allow-root"] if os.getuid() == 0 else []
    keyboard, terminal = pty.openpty()
    server = subprocess.Popen(
        [sys.executable, "-m", "autograder", command, "--", "--no-browser", *root],
        cwd=course,
        env=environment,
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    said = []
    address = None
    while address is None:
        line = server.stdout.readline()
        assert line, "JupyterLab did not start:\n" + "".join(said)
        said.append(line)
        address = re.search(r"http://127\.0\.0\.1:\d+/lab\?token=\w+", line)
    threading.Thread(target=said.extend, args=(server.stdout,), daemon=True).start()
    try:
        yield address[0]
    finally:
        os.killpg(server.pid, signal.SIGINT)  # Ctrl-C
        os.write(keyboard, b"y\n")  # yes, stop the server and its kernels
        assert server.wait(timeout=300) == 0, "".join(said)
        os.close(keyboard)
        os.close(terminal)


class Lab:
    """A person's JupyterLab, and what is done and seen there.

    Attributes
    ----------
    page : playwright.sync_api.Page
        The window.
    outside : list of str
        Addresses beyond this machine that the page asked for; it got none of them.
    pictures : Path or None
        Where pictures of what is seen are kept, if anywhere.
    """

    def __init__(self, browser, address, pictures):
        context = browser.new_context(viewport=WINDOW, device_scale_factor=1.5, timezone_id="UTC")
        context.set_default_timeout(PATIENCE)
        context.route("**/*", self._route)
        self.outside = []
        self.pictures = pictures
        self.page = context.new_page()
        self.page.goto(address)
        expect(self.page.locator(".jp-DirListing-item").first).to_be_visible()

    def close(self):
        """Close the window."""
        self.page.context.close()

    def _route(self, route):
        if urlsplit(route.request.url).hostname in ("127.0.0.1", None):  # None: data, blob
            route.continue_()
        else:
            self.outside.append(route.request.url)
            route.abort()

    def toggle_files(self):
        """Hide the list of files, or show it again."""
        files = self.page.locator("#jp-left-stack")
        was_there = files.is_visible()
        self.page.get_by_role("tab", name="File Browser").click()
        expect(files).to_be_visible(visible=not was_there)

    def open(self, *path):
        """Open a file by clicking on its folders and its name; wait until a notebook is ready."""
        files = self.page.get_by_role("region", name="File Browser Section")
        files.locator(".jp-BreadCrumbs-home").click()
        for name in path:
            files.locator(".jp-DirListing-item").get_by_text(name, exact=True).dblclick()
        expect(self.page.locator(".jp-mod-current").get_by_text(path[-1])).to_be_visible()
        if path[-1].endswith(".ipynb"):
            kernel = "Python 3 (ipykernel)"
            expect(self.page.locator(".jp-KernelName:visible")).to_contain_text(kernel)
            expect(self.page.get_by_text(f"{kernel} | Idle")).to_be_visible()

    def menu(self, *path):
        """Choose an item from a menu, such as ``("Nbgrader", "Assignment List")``."""
        for name in path:
            labels = self.page.locator(".lm-MenuBar-itemLabel, .lm-Menu-itemLabel")
            labels.filter(has_text=re.compile(f"^{name}$")).click()

    def cell(self, text):
        """Return the code cell of the notebook in front that begins with a text."""
        begins = self.page.locator(".cm-content", has_text=re.compile(f"^{re.escape(text)}"))
        return self.page.locator(".jp-CodeCell:visible").filter(has=begins)

    def run(self, cell, quiet=True):
        """Run a cell, wait until it is done, and return its output, which tells no error."""
        prompt = cell.locator(".jp-InputPrompt")
        before = prompt.inner_text()
        cell.locator(".cm-line").first.click()
        self.page.keyboard.press("Control+Enter")
        expect(prompt).not_to_have_text(before)
        expect(prompt).to_have_text(re.compile(r"\[\d+\]"))
        told = cell.locator(".jp-OutputArea")
        if quiet:
            errors = told.locator("[data-mime-type$=stderr], [data-mime-type$=error]")
            expect(errors).to_have_count(0)
        return told

    def write(self, cell, line, code):
        """Replace a line of a cell by other lines."""
        old = cell.locator(".cm-line").filter(has_text=line)
        old.click(click_count=3)
        self.page.keyboard.insert_text(code)
        expect(old).to_have_count(0)

    def new_cell(self, after, code):
        """Write a new cell below another one."""
        after.locator(".jp-InputPrompt").click()
        self.page.keyboard.press("b")
        cell = self.page.locator(".jp-CodeCell.jp-mod-active:visible")
        expect(cell.locator(".cm-content")).to_have_text("")
        self.page.keyboard.press("Enter")
        self.page.keyboard.insert_text(code)
        return self.cell(code)

    def picture(self, name, top=None, bottom=None, margin=8):
        """Save a picture of the window, or of its part from one element to another."""
        if self.pictures is None:
            return
        clip = None
        if top is not None:
            seen = top.evaluate(SCROLL_TO_TOP)
            first, last = top.bounding_box(), (bottom or top).bounding_box()
            left = min(first["x"], last["x"]) - margin
            right = max(box["x"] + box["width"] for box in (first, last)) + margin
            start = max(first["y"] - margin, seen["top"])
            end = min(last["y"] + last["height"] + margin, seen["bottom"])
            clip = {"x": left, "y": start, "width": right - left, "height": end - start}
        data = self.page.screenshot(clip=clip, animations="disabled", caret="hide")
        self.pictures.mkdir(parents=True, exist_ok=True)
        few = Image.open(io.BytesIO(data)).convert("RGB").quantize(256, dither=Image.Dither.NONE)
        few.save(self.pictures / f"{name}.png", optimize=True)


class Formgrader:
    """What an instructor sees and does in formgrader, within JupyterLab.

    Attributes
    ----------
    page : playwright.sync_api.Frame
        Formgrader's own page.
    """

    def __init__(self, lab):
        self.page = lab.page.locator("iframe:visible").element_handle().content_frame()

    def row(self, name):
        """Return the line of a table that holds a name."""
        return self.page.locator("tr", has=self.page.get_by_text(name, exact=True))

    def press(self, row, button):
        """Press one of the buttons of a row, which are only pictures; read that it went well."""
        row.locator(f".{button} a").click()
        told = self.page.locator(".modal:visible")
        expect(told).to_contain_text("Success")
        told.get_by_text("OK", exact=True).click()
        expect(told).to_have_count(0)

    def follow(self, *links):
        """Click on one link after the other."""
        for link in links:
            with self.page.expect_navigation():
                self.page.get_by_role("link", name=link, exact=True).last.click()
