"""Every notebook runs from top to bottom, in a real kernel, as an instructor and as a student."""

from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.suite import exercises, homeworks

COURSE = Path(__file__).parents[1]


def execute(path, folder):
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(folder)}})
    client.execute()
    # An Output widget, as of ipywidgets' interact, would make the client speak while it waits for a
    # cell's end, which it can miss then: it waits for good.
    assert not client.comm_objects
    return notebook


def outputs(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            for output in cell.outputs:
                yield cell, output


@pytest.mark.parametrize("homework", homeworks())
def test_the_solved_notebook_runs_without_a_warning_and_gets_full_points(homework, tmp_path):
    notebook = execute(COURSE / "source" / homework / f"{homework}.ipynb", tmp_path)
    points = {}
    for cell, output in outputs(notebook):
        assert output.get("name") != "stderr", f"{cell.id}: {output.text}"
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if grade_id.startswith("check_") and output.output_type == "execute_result":
            points[grade_id.removeprefix("check_")] = float(output.data["text/plain"])
    assert points == exercises(homework)


@pytest.mark.parametrize("homework", homeworks())
def test_the_untouched_notebook_says_what_is_missing_instead_of_failing(homework, tmp_path):
    notebook = execute(COURSE / "assignments" / homework / f"{homework}.ipynb", tmp_path)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    demos = [cell.id for cell in code if "with needs(" in cell.source]
    asked = {cell.id for cell, out in outputs(notebook) if "is not written yet" in str(out)}
    assert demos
    assert set(demos) <= asked


def test_where_sliders_do_not_run_the_cell_before_shows_some_of_their_places():
    sliders = 0
    for homework in homeworks():
        notebook = nbformat.read(COURSE / "source" / homework / f"{homework}.ipynb", as_version=4)
        code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
        for before, source in pairwise(code):
            if "@slide(" in source:
                sliders += 1
                assert "plt.show()" in before or "print(" in before, source
                assert "@slide(" not in before, source
    assert sliders
