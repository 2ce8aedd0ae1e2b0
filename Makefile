# `make` makes the environment and executes every notebook; `make test` runs all
# tests, the notebooks among them. They need GNU make and Python 3.11 or newer.

VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/python .ci/uv.py
JOBS ?= logical
START := /lab/tree/notebooks/start-here.ipynb

# The first of these that is new enough and can make environments is taken.
PROBE := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
	"$$name" -c '$(PROBE)' 2>/dev/null && { echo "$$name"; break; }; done)

.DEFAULT_GOAL := notebooks
.DELETE_ON_ERROR:
.PHONY: notebooks site environment check test lint lab diffs refresh restore bench lock \
	clean help

notebooks: environment ## Make the environment and execute every notebook (default)
	@$(BIN)/python -m book run
	@$(BIN)/python -m book site
	@echo 'Type `make lab` to open the notebooks in JupyterLab.'

site: environment ## Render the stored notebooks and the ledger as a book
	@$(BIN)/python -m book site

environment: $(VENV)/ready ## Make the environment in .venv from requirements.lock

# An environment has its own folder in every script: one that was moved or copied with
# its checkout, or whose Python is another by now, is made anew. So is one that was
# left half made, because the mark is set last and goes first.
STATE := $(BIN)/python -c 'import sys; print(*sys.version_info[:2], sys.prefix)'
ifneq ($(shell $(STATE) 2>/dev/null),$(shell cat $(VENV)/made-as 2>/dev/null))
.PHONY: $(VENV)/made-as
endif

$(VENV)/made-as: requirements.lock .ci/uv.py
	@if [ -z "$(PYTHON)" ]; then echo \
		'No Python 3.11 or newer with its venv module found: install both' \
		'(on Debian and Ubuntu: apt install python3 python3-venv), then run' \
		'make again, or name one with `make PYTHON=/path/to/python3`.' >&2; exit 1; fi
	@echo "[environment] $$("$(PYTHON)" --version): making $(VENV)"
	@"$(PYTHON)" -m venv --clear $(VENV)
	@$(UV) pip install --require-hashes -r requirements.lock
	@$(STATE) > $@

$(VENV)/ready: $(VENV)/made-as pyproject.toml
	@$(UV) pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

test: environment ## Run all tests, and every notebook against its stored results
	@$(BIN)/python -m pytest -n $(JOBS) --maxprocesses 4

check: site ## Check the form of the notebooks, and the pages made from them
	@$(BIN)/python -m book check
	@$(BIN)/python -m book check-site

lint: environment ## Check style and types of the code
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

# As in `make lab FLAGS='--no-browser --port 8888'`.
lab: environment ## Open JupyterLab on the start notebook
	@$(BIN)/jupyter lab --LabApp.default_url=$(START) $(FLAGS)

# By full path: what nbdime sets up itself is found in an activated environment only.
diffs: environment ## Let git diff and git merge take notebooks cell by cell
	@git config diff.jupyternotebook.command \
		'"$(CURDIR)/$(BIN)/git-nbdiffdriver" diff'
	@git config merge.jupyternotebook.driver \
		'"$(CURDIR)/$(BIN)/git-nbmergedriver" merge %O %A %B %L %P'

# The only target that asks the network for data; as in
# `make refresh FLAGS='--symbols NVDA ^GSPC --dry-run'`.
refresh: environment ## Bring prices up to date from Yahoo Finance, beside the bundled
	@$(BIN)/python -m helpers refresh $(FLAGS)

restore: environment ## Return from refreshed prices to the bundled ones
	@$(BIN)/python -m helpers restore $(FLAGS)

bench: environment ## Measure speed
	@$(BIN)/python benchmarks/run.py
	@$(BIN)/python benchmarks/waits.py

# Keeps the versions in the lock where they still fit pyproject.toml;
# `make lock UPGRADE=--upgrade` takes the newest.
lock: environment ## Write requirements.lock anew from pyproject.toml
	@$(UV) pip compile pyproject.toml --extra test --universal \
		--python-version 3.11 --fork-strategy fewest --generate-hashes \
		--no-header --no-emit-index-url --quiet $(UPGRADE) -o requirements.lock

clean: ## Remove the environment and every cache
	@rm -rf $(VENV) build .pytest_cache .ruff_cache .mypy_cache .hypothesis
	@find src tests benchmarks notebooks -type d \
		\( -name __pycache__ -o -name .ipynb_checkpoints \) -prune -exec rm -rf {} +

help: ## List what make can do
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' Makefile
