"""The package installs, says what it is, and names the extra that a command lacks."""

import email
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile

import pytest
from markdown_it import MarkdownIt
from packaging.requirements import Requirement
from packaging.version import Version

import autograder
from autograder.__main__ import main
from tests.classroom import FULL, NAME, REPOSITORY, hand_in, scores, solved

pytestmark = pytest.mark.xdist_group("wheel")  # on one worker: one wheel is built for all

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
    ("grade-one", NOTEBOOK): ("teach", ["nbgrader"]),
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
    of_the_repository = {"dev", "docs", "proof", "bench", "fuzz", "site"}
    assert told == set(metadata.get_all("Provides-Extra")) - of_the_repository


def test_type_checkers_may_read_the_package(wheel):
    assert "autograder/py.typed" in wheel.namelist()


def test_the_wheel_holds_no_file_that_is_not_in_the_repository(wheel):
    for name in wheel.namelist():
        source = name.replace("autograder/assignments/", "assignments/")
        assert ".dist-info/" in name or (REPOSITORY / source).is_file(), name


# --- the pins --------------------------------------------------------------------------------


def pins(name):
    """Return the versions of a file of pins, by package; one may have several, by Python."""
    found = {}
    for line in (REPOSITORY / name).read_text("utf-8").splitlines():
        if not line.startswith(("#", " ")):
            pin = Requirement(line)
            found.setdefault(pin.name.lower(), []).append(next(iter(pin.specifier)).version)
    return found


def asked_for(*extras):
    """Return what pyproject.toml asks for, beside the package itself."""
    lists = [PROJECT["dependencies"], *map(PROJECT["optional-dependencies"].get, extras)]
    requirements = [Requirement(text) for texts in lists for text in texts]
    return [requirement for requirement in requirements if requirement.name != "unrolled"]


def test_all_that_is_asked_for_is_pinned_to_what_is_admitted():
    pinned = pins("constraints.txt")
    for requirement in asked_for(*PROJECT["optional-dependencies"]):
        for version in pinned.get(requirement.name, ["none"]):
            assert requirement.specifier.contains(version), f"{requirement}: run `make pins`"


def test_the_oldest_pins_are_the_lower_bounds():
    pinned = pins("constraints-oldest.txt")
    for requirement in asked_for("lab", "teach", "cluster", "postgresql", "dev", "docs", "proof"):
        (bound,) = (clause.version for clause in requirement.specifier if clause.operator == ">=")
        assert [Version(version) for version in pinned[requirement.name]] == [Version(bound)]


@pytest.mark.parametrize("file", ["constraints.txt", "constraints-oldest.txt"])
def test_pins_name_no_registry(file):
    assert "://" not in (REPOSITORY / file).read_text("utf-8")


# --- empty environments, which are filled from the network -----------------------------------

in_ci = pytest.mark.skipif(not os.environ.get("CI"), reason="takes minutes and a network: CI=1")


class Environment:
    """An environment that holds the package with some extras, and nothing else."""

    def __init__(self, folder, wheel, extras, pins):
        self._programs = folder / "bin"
        uv = shutil.which("uv")
        wanted = f"unrolled[{extras}] @ {wheel.as_uri()}"
        pinned = ["--constraint", REPOSITORY / pins]
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, folder], check=True)
        install = [uv, "pip", "install", "--quiet", "--python", folder, *pinned, wanted]
        subprocess.run(install, check=True)

    def run(self, *command, status=0):
        """Run a program of it in the current folder, and return what it says."""
        hidden = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV")
        ours = {key: value for key, value in os.environ.items() if key not in hidden}
        ours["PATH"] = os.pathsep.join([str(self._programs), os.defpath])
        program, *arguments = command
        done = subprocess.run(
            [self._programs / program, *arguments], env=ours, capture_output=True, text=True
        )
        assert done.returncode == status, (command, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr


@pytest.fixture(params=["constraints.txt", "constraints-oldest.txt"])
def environment(request, built, tmp_path, course):
    """Make an environment with some extras, at the newest and at the oldest versions."""
    return lambda extras: Environment(tmp_path / "environment", built, extras, request.param)


@in_ci
def test_the_package_alone_checks_and_names_the_extras(environment):
    alone = environment("")
    assert "You are a student" in alone.run("unrolled")
    assert f"{NAME}: 20 of 20 points" in alone.run("unrolled", "check", NOTEBOOK)
    for command, (extra, _) in NEEDS.items():
        told = alone.run("python", "-m", "autograder", *command, status=2)
        assert (
            re.fullmatch(r"This needs .*: run `pip install 'unrolled\[(.*)\]'`.\n", told)[1]
            == extra
        )


@in_ci
def test_the_extra_lab_opens_jupyterlab_and_watches(environment):
    lab = environment("lab")
    assert re.search(r"^4\.\d+\.\d+$", lab.run("unrolled", "lab", "--", "--version"), re.M)
    assert "nbgrader" in lab.run("nbgrader", "--help")
    lab.run(
        "python",
        "-c",
        "from autograder.terminal import watch_notebook; from watchfiles import watch",
    )


@in_ci
def test_the_extra_teach_builds_grades_and_reports(environment, course):
    teach = environment("teach,cluster,postgresql")
    hand_in(course, "ada", solved())
    teach.run("unrolled", "build", NAME)
    teach.run("unrolled", "grade", NAME)
    assert scores(course) == {"ada": FULL}
    assert f"reports/{NAME}.html" in teach.run("unrolled", "report", NAME)
    assert re.search(r"^4\.\d+\.\d+$", teach.run("unrolled", "teach", "--", "--version"), re.M)

    again = ("unrolled", "grade", NAME, "--force")
    told = teach.run(*again, "--scheduler", "tcp://127.0.0.1:1", status=2)
    assert "No Dask scheduler answers" in told
    with (course / "nbgrader_config.py").open("a") as settings:
        settings.write('c.CourseDirectory.db_url = "postgresql+psycopg://a@127.0.0.1:1/unrolled"')
    assert "connection failed" in teach.run(*again, status=2)
