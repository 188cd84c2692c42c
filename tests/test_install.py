"""The package installs, says what it is, and names the extra that a command lacks."""

import email
import re
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

import autograder
from autograder.__main__ import main
from tests.classroom import NAME

pytestmark = pytest.mark.xdist_group("wheel")  # on one worker: one wheel is built for all

REPOSITORY = Path(__file__).parents[1]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
NOTEBOOK = f"source/{NAME}/{NAME}.ipynb"

# Which extra has what a command needs, beside the package alone.
NEEDS = {
    ("check", NOTEBOOK, "--watch"): ("lab", ["watchfiles"]),
    ("lab",): ("lab", ["jupyterlab"]),
    ("teach",): ("teach", ["jupyterlab", "nbgrader", "jupytext"]),
    ("build", NAME): ("teach", ["nbgrader", "jupytext"]),
    ("verify", NAME): ("teach", ["nbgrader", "jupytext"]),
    ("demo",): ("teach", ["nbgrader", "jupytext", "jinja2"]),
    ("grade", NAME): ("teach", ["nbgrader", "jupytext", "tqdm"]),
    ("report", NAME): ("teach", ["nbgrader", "jinja2"]),
}


@pytest.fixture(scope="module")
def wheel(built):
    return zipfile.ZipFile(built)


@pytest.fixture(scope="module")
def metadata(wheel):
    (path,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return email.message_from_bytes(wheel.read(path))


# --- what a command needs --------------------------------------------------------------------


@pytest.mark.parametrize("command", NEEDS, ids=" ".join)
def test_a_command_names_what_is_missing_and_the_extra_that_has_it(command, monkeypatch, capsys):
    monkeypatch.chdir(REPOSITORY)
    extra, packages = NEEDS[command]
    requirements = " ".join(PROJECT["optional-dependencies"][extra])
    for package in packages:
        assert re.search(rf"\b{package}\b", requirements)
        with monkeypatch.context() as hiding:
            hiding.setitem(sys.modules, package, None)
            assert main(list(command)) == 2
        told = capsys.readouterr().err
        assert told == (
            f"This needs {package}, not installed here: run `pip install 'unrolled[{extra}]'`.\n"
        )


# --- what the package says of itself ---------------------------------------------------------


def test_one_version_is_told_everywhere(metadata):
    version = PROJECT["version"]
    assert metadata["Version"] == autograder.__version__ == version
    changes = (REPOSITORY / "CHANGELOG.md").read_text("utf-8")
    released = re.findall(r"^## (\d\S*) – (\S+)$", changes, re.M)
    assert released[0][0] == version
    citation = (REPOSITORY / "CITATION.cff").read_text("utf-8")
    assert f"\nversion: {version}\ndate-released: {released[0][1]}\n" in citation


def test_the_package_carries_the_licences_of_code_text_and_data(wheel, metadata):
    assert metadata["License-Expression"] == "MIT AND CC-BY-4.0 AND LicenseRef-SCOWL"
    carried = [name for name in wheel.namelist() if ".dist-info/licenses/" in name]
    texts = "".join(wheel.read(name).decode() for name in carried)
    for words in ("MIT License", "Attribution 4.0 International", "SCOWL", "Sunspots"):
        assert words in texts


def test_the_page_of_the_package_can_be_read_far_from_the_repository(metadata):
    page = metadata.get_payload()
    assert page.startswith("# The package")
    for token in MarkdownIt("commonmark").parse(page):
        for part in token.children or ():
            assert part.type != "image"
            assert part.attrs.get("href", "https://").startswith("https://")


def test_the_page_of_the_package_tells_what_every_extra_is_for(metadata):
    told = set(re.findall(r"^\| `(\w+)` \|", metadata.get_payload(), re.M))
    of_the_repository = {"dev", "docs", "proof", "bench"}
    assert told == set(metadata.get_all("Provides-Extra")) - of_the_repository


def test_type_checkers_may_read_the_package(wheel):
    assert "autograder/py.typed" in wheel.namelist()


def test_the_wheel_holds_no_file_that_is_not_in_the_repository(wheel):
    for name in wheel.namelist():
        assert ".dist-info/" in name or (REPOSITORY / name).is_file(), name
