# Two commands: `make demo` and `make test`. Everything happens in .venv; `make help` lists the rest.
PYTHON ?= python3
PORT ?= 8501
BIN := .venv/bin
BOOTSTRAP = @$(PYTHON) -m app.bootstrap
LOCK = $(BIN)/uv pip compile --quiet --generate-hashes --universal --no-annotate --no-header --python-version 3.11

.DEFAULT_GOAL := help
.PHONY: help demo install test lint format browser sample bench screens lock prove clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile

demo: ## prepare .venv, build the sample fleet, show the dashboard on 127.0.0.1 (PORT=8501)
	$(BOOTSTRAP) demo --port $(PORT)

install: ## prepare .venv alone; the program is then .venv/bin/watchroom
	$(BOOTSTRAP) install

test: lint ## all checks and tests; ARGS="-k drift" narrows them
	@$(BIN)/python -m pytest -n 2 $(ARGS)

lint: ## ruff and mypy
	$(BOOTSTRAP) install --dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: ## put the code in its one form
	$(BOOTSTRAP) install --dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

browser: ## Chromium from the distribution, for the tests in a browser
	$(BOOTSTRAP) browser

sample: ## train the sample model and write its log and figures again
	$(BOOTSTRAP) install --dev
	$(BIN)/python -m sample_data.flight_delay.train

bench: ## measure, as a table with ratios
	$(BOOTSTRAP) install --dev
	$(BIN)/python -m benchmarks.run $(ARGS)

prove: ## releases and audit trail under attack, both databases (up to an hour), kept in docs/figures.md
	$(BOOTSTRAP) install --dev
	$(BIN)/python -m benchmarks.prove $(ARGS)

screens: ## picture every page in two sizes and two themes into docs/screens
	$(BOOTSTRAP) install --dev
	$(BIN)/python -m benchmarks.screens

lock: ## resolve the newest allowed versions into the two locks
	$(BOOTSTRAP) install --dev
	$(LOCK) --upgrade --extra demo --group build pyproject.toml -o requirements.txt
	$(LOCK) --upgrade --extra demo --extra dev --group build -c requirements.txt pyproject.toml -o requirements-dev.txt

clean: ## remove .venv and what tools left; stores (.watchroom*) stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .benchmarks build dist *.egg-info
	find app core pages tests benchmarks sample_data -name __pycache__ -type d -prune -exec rm -rf {} +
