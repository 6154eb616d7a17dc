# Foreland: `make run` starts everything, `make test` checks everything. `make help` lists the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# PyTorch from PyPI brings gigabytes of CUDA on Linux. On a machine without a GPU:
#   make install TORCH_INDEX=https://download.pytorch.org/whl/cpu
TORCH_INDEX ?=
INDEX := $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX),)
# pip reports long paths of caches and mirrors; what a newcomer needs is what failed.
PIP := $(BIN)/python -m pip --disable-pip-version-check -q

.DEFAULT_GOAL := help
.PHONY: help install install-dev run test lint format types imports tests coqui bench clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

install: $(VENV)/.installed ## make .venv with the command foreland

$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' \
		|| { echo 'Foreland needs Python 3.11 or 3.12; name one: make PYTHON=python3.11 $(MAKECMDGOALS)'; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) \
		|| { echo 'no venv module: apt-get install python3-venv, then again'; exit 1; }
	@echo 'installing into $(VENV) (about two minutes the first time) …'
	@$(PIP) install $(INDEX) -c constraints.txt torch 2>&1 | { grep -v '^WARNING: Location' || true; }
	@$(PIP) install -c constraints.txt -e . 2>&1 | { grep -v '^WARNING: Location' || true; }
	@$(BIN)/foreland --help > /dev/null
	@touch $@

install-dev: $(VENV)/.installed-dev

$(VENV)/.installed-dev: $(VENV)/.installed
	@$(PIP) install -c constraints.txt -e '.[dev]' 2>&1 | { grep -v '^WARNING: Location' || true; }
	@$(BIN)/pytest --version > /dev/null
	@touch $@

run: install ## start API and console on the sample data (Ctrl-C stops both)
	@$(BIN)/foreland up --sample

test: lint types imports tests ## everything below, from nothing

lint: install-dev ## style (ruff)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install-dev ## types (mypy, strict)
	$(BIN)/mypy

imports: install-dev ## who may import whom (import-linter)
	$(BIN)/lint-imports

tests: install-dev ## tests (pytest)
	HAYSTACK_TELEMETRY_ENABLED=False $(BIN)/python -m pytest -n 2

format: install-dev ## rewrite the code in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

coqui: install ## install the Coqui voices on a CPU-only machine
	$(BIN)/python scripts/install_coqui.py

clean: ## remove what was built (not the workspaces under var/)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
