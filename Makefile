# `make run` starts the bot, `make test` tests it. Both make what they need: Python ≥ 3.11 and a package index are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header --python-version 3.11

# Tests share so many processes, and write where no disk has to be waited for, if there is room.
WORKERS ?= 2
MEMORY := /dev/shm
SCRATCH := $(shell [ "$$(df --output=avail $(MEMORY) 2>/dev/null | tail -1)" -gt 6000000 ] 2>/dev/null && \
	! grep -q " $(MEMORY) .*noexec" /proc/mounts && echo TMPDIR=$(MEMORY))
PYTEST := $(SCRATCH) $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal
# Each of the many processes that tests start would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test test-fast lint bench docs lock clean

run: $(VENV)/run.stamp
	@exec $(BIN)/breedbot run

test: $(VENV)/dev.stamp
	$(PYTEST)

# For everyday work: without what is slow, needs TensorFlow or Chromium, or starts servers; tests/README.md has the times.
test-fast: $(VENV)/dev.stamp
	$(PYTEST) -m "not slow and not keras and not browser and not servers"

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	for file in $$(find tests -name conftest.py); do $(BIN)/mypy $$file || exit 1; done
	$(BIN)/lint-imports

bench: $(VENV)/dev.stamp
	$(BIN)/breedbot bench serving

# The documentation as pages, in site/; tests/docs look whether every link leads somewhere.
docs: $(VENV)/run.stamp
	$(BIN)/python docs/site.py

# After a change of dependencies in pyproject.toml.
lock: $(VENV)/dev.stamp
	$(PIP) install uv
	$(COMPILE) pyproject.toml -o requirements/run.txt
	$(COMPILE) pyproject.toml --extra gpu -c requirements/run.txt -o requirements/gpu.txt
	$(COMPILE) pyproject.toml --extra training --group dev -c requirements/run.txt -o requirements/dev.txt
	echo setuptools | $(COMPILE) - -o requirements/build.txt

clean:
	rm -rf $(VENV)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "breedbot needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V). Try: make run PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "python3-venv is missing. On Debian or Ubuntu: apt install python3-venv"; \
		rm -rf $(VENV); exit 1; }

$(VENV)/run.stamp: requirements/run.txt requirements/build.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing breedbot into $(VENV): about 150 MB to download, a minute or two …"
	@$(PIP) install --require-hashes -r requirements/build.txt
	@$(PIP) install --require-hashes --no-build-isolation -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/run.stamp
	@echo "Installing what training and tests need (TensorFlow): about 700 MB to download, a few minutes …"
	@$(PIP) install --require-hashes --no-build-isolation -r requirements/dev.txt
	@touch $@
