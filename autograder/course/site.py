"""Make the course as a site that runs in the browser alone: JupyterLite on Pyodide.

Of Pyodide, the files are used that `pyodide.json` names, each with its hash, as the npm package
``pyodide`` has them; so is what shows sliders, since a newer one does not fit this JupyterLite.
Whoever makes a site says where they lie. All else is what is installed here.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import PackagePath, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from autograder.usage import WrongUsage

PACKAGE = Path(__file__).parents[1]
PYODIDE = json.loads((PACKAGE / "course" / "pyodide.json").read_text("utf-8"))
PAGE = PACKAGE / "course" / "site.html"
LEFT_OUT = {"jupyterlab-widgets", "widgetsnbextension"}  # what shows widgets: no Python
BROWSER = {  # for the conditions of requirements
    "extra": "",
    "os_name": "posix",
    "platform_system": "Emscripten",
    "python_full_version": PYODIDE["info"]["python"],
    "python_version": PYODIDE["info"]["python"].rpartition(".")[0],
    "sys_platform": "emscripten",
}
SETTINGS = {
    "jupyter-lite-schema-version": 0,
    "jupyter-config-data": {
        "appName": "Unrolled",
        "litePluginSettings": {
            # The browser asks no other host for packages.
            "@jupyterlite/pyodide-kernel-extension:kernel": {"disablePyPIFallback": True}
        },
    },
}
# All cells are there at once: links to headings lead to them, and the browser's search finds them.
OVERRIDES = {"@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"}}
KERNEL = "@jupyterlite/pyodide-kernel-extension"


def site(course: Path, sources: list[Path], to: Path) -> None:
    """Write the site into a folder, which any web server can hold.

    Parameters
    ----------
    course : Path
        The course's folder.
    sources : list of Path
        Where Pyodide's files lie: folders, zip archives (a wheel is one) or tar archives.
    to : Path
        The folder, which is made anew.

    Raises
    ------
    WrongUsage
        If a file of Pyodide is missing or is not what it should be, or the site cannot be built.
    """
    with tempfile.TemporaryDirectory() as folder:
        lite = Path(folder)
        pyodide = lite / "static" / "pyodide"
        pyodide.mkdir(parents=True)
        _copy_pinned(sources, pyodide)
        widgets = [(pyodide / name).rename(lite / name) for name in PYODIDE["widgets"]]
        packages = dict(PYODIDE["packages"]) | _ours(pyodide)
        lock = {"info": PYODIDE["info"], "packages": packages}
        (pyodide / "pyodide-lock.json").write_text(json.dumps(lock), "utf-8")
        (lite / "jupyter-lite.json").write_text(json.dumps(SETTINGS), "utf-8")
        (lite / "overrides.json").write_text(json.dumps(OVERRIDES), "utf-8")
        for notebook in (course / "assignments").glob("hw*/hw*.ipynb"):
            target = lite / "contents" / notebook.relative_to(course / "assignments")
            target.parent.mkdir(parents=True)
            shutil.copyfile(notebook, target)
        shutil.rmtree(to, ignore_errors=True)
        _build(lite, widgets, to)
    shutil.copyfile(PAGE, to / "index.html")
    shutil.copyfile(course / "docs/pictures/student-diagnosis.png", to / "check.png")


# --- Pyodide -----------------------------------------------------------------------------


def _copy_pinned(sources: list[Path], to: Path) -> None:
    """Copy the files that are needed, each of which must be what its hash says."""
    left = PYODIDE["core"] | PYODIDE["widgets"]
    left |= {package["file_name"]: package["sha256"] for package in PYODIDE["packages"].values()}
    for source in sources:
        for name, read in _files(source):
            if name in left and hashlib.sha256(data := read()).hexdigest() == left[name]:
                (to / name).write_bytes(data)
                del left[name]
    if left:
        raise WrongUsage(
            "These files are in none of the places that were given, or are not what they should "
            f"be: {', '.join(sorted(left))}. docs/browser.md tells where they can be had."
        )


def _files(source: Path) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Yield the files of a folder or an archive: their names without folders, and how to read."""
    if source.is_file():
        yield source.name, source.read_bytes
    if source.is_dir():
        for path in source.rglob("*"):
            if path.is_file():
                yield path.name, path.read_bytes
    elif zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as archive:
            for entry in archive.infolist():
                yield entry.filename.rpartition("/")[2], partial(archive.read, entry)
    elif source.is_file() and tarfile.is_tarfile(source):
        with tarfile.open(source) as packed:
            for member in packed:
                if member.isfile():
                    yield member.name.rpartition("/")[2], packed.extractfile(member).read  # type: ignore[union-attr]
    else:
        raise WrongUsage(f"{source} is no folder, zip archive or tar archive.")


# --- our packages ------------------------------------------------------------------------


def _ours(to: Path) -> dict[str, Any]:
    """Pack the course and what it needs beside Pyodide's own packages; return the lock's lines."""
    found: dict[str, Any] = {}
    left = ["unrolled", "comm"]  # comm is the kernel's wish
    while left:
        name = left.pop()
        if name in found:
            continue
        needs = [n for n in _needs(name) if n not in LEFT_OUT]
        found[name] = _pack(name, to) | {"depends": needs}
        left += [n for n in needs if n not in PYODIDE["packages"]]
    return found


def _needs(name: str) -> list[str]:
    """Return the packages that a package needs in the browser."""
    requirements = map(Requirement, distribution(name).requires or ())
    return [
        canonicalize_name(requirement.name)
        for requirement in requirements
        if requirement.marker is None or requirement.marker.evaluate(BROWSER)
    ]


def _pack(name: str, to: Path) -> dict[str, Any]:
    """Make a wheel of an installed package, of all that is not compiled; return the lock's line."""
    installed = distribution(name)
    if name == "unrolled":  # which may be installed in place; the notebooks are beside it
        tree = (path for path in PACKAGE.rglob("*.*") if path.is_file())
        files = {path.relative_to(PACKAGE.parent).as_posix(): path.read_bytes() for path in tree}
        told = installed.read_text("METADATA") or installed.read_text("PKG-INFO") or ""
        files[f"{name}-{installed.version}.dist-info/METADATA"] = told.encode()
    else:
        paths = filter(_is_pure, installed.files or ())
        files = {path.as_posix(): Path(str(path.locate())).read_bytes() for path in paths}
    wheel = to / f"{name.replace('-', '_')}-{installed.version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for inside in sorted(filter(_is_wanted, files)):
            archive.writestr(zipfile.ZipInfo(inside), files[inside], zipfile.ZIP_DEFLATED)
    modules = {path.partition("/")[0].removesuffix(".py") for path in files if path.endswith(".py")}
    return {
        "name": name,
        "version": installed.version,
        "file_name": wheel.name,
        "install_dir": "site",
        "package_type": "package",
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "imports": sorted(modules),
        "unvendored_tests": False,
    }


def _is_pure(path: PackagePath) -> bool:
    """Tell whether an installed file is a package's own, and the same on every machine."""
    return ".." not in path.parts and path.suffix not in (".so", ".pyd", ".pth")


def _is_wanted(inside: str) -> bool:
    left_out = "__pycache__/", "autograder/assignments/", ".dist-info/RECORD"
    return not any(part in inside for part in left_out)


# --- JupyterLite -------------------------------------------------------------------------


def _build(lite: Path, widgets: list[Path], to: Path) -> None:
    """Have JupyterLite build the site."""
    kernel = Path(sys.prefix, "share", "jupyter", "labextensions", KERNEL)
    options = {
        "apps": ["lab", "notebooks"],
        "contents": [str(lite / "contents")],
        "federated_extensions": list(map(str, [kernel, *widgets])),
        "ignore_sys_prefix": ["federated_extensions"],  # nbgrader's, and others that are here
        "no_libarchive": True,
        "no_sourcemaps": True,
        "no_unused_shared_packages": True,
        "output_dir": str(to.resolve()),
    }
    config = {"LiteBuildConfig": options}
    (lite / "jupyter_lite_config.json").write_text(json.dumps(config), "utf-8")
    command = [sys.executable, "-m", "jupyterlite_core", "build"]
    done = subprocess.run(command, cwd=lite, capture_output=True, text=True)
    if done.returncode:
        raise WrongUsage(f"JupyterLite could not build the site:\n{done.stdout}{done.stderr}")
