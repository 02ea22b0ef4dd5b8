# Four verbs, the same here and in continuous integration; `make wheel` is for releases.
PYTHON ?= python

.PHONY: check test fmus docs wheel

check:  ## style, types, import direction
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy
	$(PYTHON) -m pytest -q tests/cosim/test_imports.py

test:  ## everything that is not marked slow
	$(PYTHON) -m pytest

fmus:  ## compile every block of BioProcess.Fmus into fmus/
	cosim build

docs:  ## run every example of the documentation again
	$(PYTHON) -m pytest -q tests/docs

wheel:  ## a wheel with FMUs prebuilt for Linux, Windows and macOS
	$(PYTHON) tools/build_wheel.py
