# Every everyday command. `make` alone prints this list.
.DEFAULT_GOAL := help
.PHONY: help up demo test check format bench eval lock clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

help:  ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The environment is made anew when the lock or the package's metadata changes.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Lectern needs Python 3.11 or newer: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	@echo "Setting up $(VENV) (the first time this takes a few minutes) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

up: $(READY)  ## Set everything up and run it on 127.0.0.1:8000 until Ctrl-C
	@$(BIN)/lectern up

demo: $(READY)  ## Run it once, ask a question through a real MCP client, print the answer, stop
	@$(BIN)/python -m bench.demo

test: $(READY)  ## Set everything up and pass the tests
	@$(BIN)/python -m pytest

check: $(READY)  ## Lint, types and import rules
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/pyright
	@$(BIN)/lint-imports

format: $(READY)  ## Bring the code into form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(READY)  ## Measure speed and memory, and write docs/benchmarks.md
	@$(BIN)/python -m bench.speed

eval: $(READY)  ## Measure answer quality on a question set (LECTERN_EVAL_QUESTIONS, LECTERN_EVAL_SOURCE)
	@$(BIN)/python -m bench.quality

lock: $(READY)  ## Write requirements.lock from what is installed
	@$(BIN)/python -m pip freeze --exclude-editable | sed 's/^torch==.*/torch==2.13.0/' > requirements.lock

clean:  ## Remove the environment and caches; data is kept
	@rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis .import_linter_cache
