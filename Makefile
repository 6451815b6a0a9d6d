# Two commands for everyone, `make report` and `make test`; one for developers, `make check`.
# Each sets up what it needs in .venv the first time and is quick the next.

PYTHON ?= python3
VENV   ?= .venv
PINS   ?= -c constraints.txt
ARGS   ?=
BIN    := $(VENV)/bin
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD = 1
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.PHONY: help report test docs check style floors types mypy pyright format wheel pins clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile
	@echo "Pass options on with ARGS, for example: make report ARGS='--seed 7'"

report: $(VENV)/.ready-report ## Check the flows and write orderflow-report.html
	@$(BIN)/orderflow check $(ARGS)

test: $(VENV)/.ready-test ## Run the tests
	@$(BIN)/pytest -n 2 --dist worksteal $(ARGS)

docs: $(VENV)/.ready-test ## Build the documentation site in build/site
	@$(BIN)/orderflow docs docs/flows
	@$(BIN)/sphinx-build -q -W --keep-going docs build/site
	@echo "build/site/index.html"

check: style floors types test ## Run everything a change must pass

style: $(VENV)/.ready-dev ## Check format, lint and spelling
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/codespell

floors: $(VENV)/.ready-dev ## Check which module imports which
	$(BIN)/lint-imports --no-cache

types: mypy pyright ## Check the types with mypy and pyright

mypy: $(VENV)/.ready-dev
	$(BIN)/mypy orderflow tests $(wildcard benchmarks/*.py)

pyright: $(VENV)/.ready-dev
	$(BIN)/pyright --pythonpath $(BIN)/python

format: $(VENV)/.ready-dev ## Format the code and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

wheel: $(BIN)/pip ## Build the wheel, install it alone and try it
	rm -rf build dist
	$(BIN)/pip wheel --quiet --no-deps --wheel-dir dist .
	$(PYTHON) -m venv --without-pip build/alone
	$(BIN)/pip --python build/alone/bin/python install --quiet $(PINS) dist/*.whl
	cd build && alone/bin/orderflow lint

pins: $(BIN)/pip ## Write constraints.txt anew from the newest versions that fit
	rm -rf build/pins
	$(PYTHON) -m venv --without-pip build/pins
	$(BIN)/pip --python build/pins/bin/python install --quiet '.[dev]'
	{ echo '# Versions that were tested together; `make pins` writes this file.'; \
	  $(BIN)/pip --python build/pins/bin/python freeze --exclude orderflow-harness; } > constraints.txt

clean: ## Remove what builds and runs left behind, but for .venv
	rm -rf build dist *.egg-info .coverage htmlcov .hypothesis .mypy_cache .pytest_cache .ruff_cache
	rm -f orderflow-report.*

# The larger sets hold the smaller ones.
$(VENV)/.ready-test: EXTRAS := [test]
$(VENV)/.ready-test: HOLDS := report
$(VENV)/.ready-dev: EXTRAS := [dev]
$(VENV)/.ready-dev: HOLDS := report test
$(VENV)/.ready-%: pyproject.toml constraints.txt | $(BIN)/pip
	@echo "Installing orderflow$(EXTRAS) in $(VENV) ..."
	@PYTHONWARNINGS=ignore $(BIN)/pip install --quiet $(PINS) --editable '.$(EXTRAS)'
	@touch $(HOLDS:%=$(VENV)/.ready-%) $@

# Debian's python3 lacks ensurepip unless python3-venv is installed; pip alone will do.
$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "orderflow needs Python 3.11 or newer; name one: make PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || { \
	  $(PYTHON) -m venv --clear --without-pip $(VENV) && \
	  $(PYTHON) -m pip --python $(BIN)/python install --quiet pip; } || { \
	  echo "Cannot make $(VENV): $(PYTHON) has neither venv nor pip." >&2; \
	  echo "On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 2; }
