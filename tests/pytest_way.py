"""Run a homework's graded tests by pytest itself: a plugin with their fixtures.

    python -m pytest -p tests.pytest_way autograder/suites/hw4_bptt.py

So they judge the reference solutions on the public data; `by_pytest` judges any functions.
"""

import io
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import pytest

from autograder import suite, tape
from autograder.calls import Unavailable
from autograder.course.written import reference
from autograder.judge import each_part

COURSE = Path(__file__).parents[1]


class Way:
    """The fixtures of the graded tests, and how each test ended."""

    def __init__(self, trials=None):
        self.trials, self.results = trials, []

    @pytest.fixture
    def trial(self, request):
        """What the test is given."""
        homework = request.path.stem
        trials = self.trials or suite.Trials(homework, reference(COURSE, homework))
        request.node.trial = trials.of(request.node.name)
        return request.node.trial

    @pytest.fixture
    def student(self, trial):
        return trial.given["student"]

    @pytest.fixture
    def reference(self, trial):
        return trial.given["reference"]

    @pytest.fixture
    def fresh(self, trial):
        return trial.given["fresh"]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item):
        trial = item.trial
        with each_part() as parts:
            try:
                with np.errstate(all="ignore"):
                    result = yield
            except (KeyboardInterrupt, tape.StaleRecording, Unavailable):
                raise
            except BaseException as error:
                self.results.append(trial.result(item.function, error))
                raise
        self.results.append(trial.result(item.function, parts.first_mistake, parts.share))
        if parts.first_mistake:
            raise parts.first_mistake
        return result


def by_pytest(homework, student, data=None, functions=None):
    """Return what `autograder.suite.run` returns, by the way of pytest."""
    way = Way(suite.Trials(homework, student, data))
    folder = suite.FOLDER
    options = [str(folder / f"{homework}.py"), f"--rootdir={folder}", f"-c{folder / 'pytest.ini'}"]
    options += ["-q", "-pno:cacheprovider", "--tb=native"]  # whole tracebacks would take seconds
    with redirect_stdout(io.StringIO()):
        status = pytest.main(options, plugins=[way])
    assert status in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
    return [r for r in way.results if functions is None or r.function in functions]


def pytest_configure(config):
    """Take part where pytest is asked to load this module."""
    config.pluginmanager.register(Way())
