# Every everyday command. `make` alone prints this list.
.DEFAULT_GOAL := help
.PHONY: help up demo test check format bench bench-crawl eval lock clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check

help:  ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The environment follows the locks: what runs the product, and on top of it what tests and checks it.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Lectern needs Python 3.11 or newer: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	@echo "Setting up $(VENV) (the first time this takes a few minutes, and 2 GB of disk) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(INSTALL) --requirement requirements.lock
	@$(INSTALL) --no-deps --editable .
	@touch $@

$(READY_DEV): $(READY) requirements-dev.lock
	@$(INSTALL) --requirement requirements-dev.lock
	@touch $@

up: $(READY)  ## Set everything up and run it on 127.0.0.1:8000 until Ctrl-C
	@$(BIN)/lectern up

demo: $(READY)  ## Run it once, ask a question through a real MCP client, print the answer, stop
	@$(BIN)/python -m bench.demo

test: $(READY_DEV)  ## Set everything up and pass the tests
	@$(BIN)/python -m pytest --numprocesses logical --maxprocesses 4 --dist loadfile

check: $(READY_DEV)  ## Lint, types and import rules
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/pyright
	@$(BIN)/lint-imports

format: $(READY_DEV)  ## Bring the code into form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(READY)  ## Measure speed and memory, and write docs/benchmarks.md
	@$(BIN)/python -m bench.speed
	@$(BIN)/python -m bench.embedding

bench-crawl: $(READY_DEV)  ## Measure how well and how fast pages are read, against truth computed apart
	@$(BIN)/python -m bench.extraction
	@$(BIN)/python -m bench.crawling
	@$(BIN)/python -m bench.ingesting

eval: $(READY)  ## Measure answer quality on a question set (LECTERN_EVAL_QUESTIONS, LECTERN_EVAL_SOURCE)
	@$(BIN)/python -m bench.quality

lock:  ## Write both locks from pyproject.toml, in an environment of its own
	@rm -rf $(VENV)-lock && $(PYTHON) -m venv $(VENV)-lock
	@$(VENV)-lock/bin/python -m pip install --quiet --editable .
	@$(VENV)-lock/bin/python -m pip freeze --exclude-editable | sed 's/^torch==.*/torch==2.13.0/' > requirements.lock
	@$(VENV)-lock/bin/python -m pip install --quiet --editable '.[dev]'
	@$(VENV)-lock/bin/python -m pip freeze --exclude-editable | sed 's/^torch==.*/torch==2.13.0/' > requirements-dev.lock
	@rm -rf $(VENV)-lock

clean:  ## Remove the environment and caches; data is kept
	@rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis .import_linter_cache
