# Everything happens inside the checkout: the environment in .venv, caches in .venv/cache, data in ./data.
.DEFAULT_GOAL := help
.PHONY: help demo test lint types unit ui bench bench-quick bench-large format lock readme

BASSLINE_HOME ?= $(CURDIR)/data
DAGSTER_HOME ?= $(BASSLINE_HOME)/dagster
PYTHONHASHSEED ?= 0
export BASSLINE_HOME DAGSTER_HOME PYTHONHASHSEED
export PIP_CACHE_DIR := $(CURDIR)/.venv/cache/pip
export UV_CACHE_DIR := $(CURDIR)/.venv/cache/uv
export XDG_CACHE_HOME := $(CURDIR)/.venv/cache
export XDG_DATA_HOME := $(CURDIR)/.venv/cache/share
export XDG_STATE_HOME := $(CURDIR)/.venv/cache/state
export MPLCONFIGDIR := $(CURDIR)/.venv/cache/matplotlib
export TMPDIR := $(CURDIR)/.venv/tmp
# Packages are compiled as they are first imported, and that is kept; compiling all of them was two thirds of the set-up.
export PYTHONDONTWRITEBYTECODE :=
export DAGSTER_DISABLE_TELEMETRY := 1
export GX_ANALYTICS_ENABLED := false

READY := .venv/.ready
BIN := .venv/bin

help:            ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' Makefile

$(READY): requirements.lock pyproject.toml .ci/setup
	@.ci/setup

demo: $(READY)   ## an operator of 5,000 subscribers and 14 months, its nights, its KPI board (some 5 minutes on 2 cores)
	@$(BIN)/bassline demo

test: $(READY)   ## lint, types and all tests
	@$(MAKE) --no-print-directory lint types
	@$(MAKE) --no-print-directory unit

lint: $(READY)
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/sqlfluff lint --processes 2 --disable-progress-bar --nocolor pipelines marts models quality

types: $(READY)
	@$(BIN)/ty check --quiet

unit: $(READY)
	@$(BIN)/pytest -n 2 --dist worksteal

ui: $(READY)     ## Dagster: the whole graph, the schedule and the sensors, on http://127.0.0.1:3000
	@$(BIN)/bassline ui

bench: $(READY)  ## the benchmark table: speed of a night beside its floor
	@$(BIN)/python -m benchmarks

bench-quick: $(READY)  ## the same with little data: shows that it works, not how fast
	@$(BIN)/python -m benchmarks ingest=20000 interfaces=20 synth=300 identity=1000 behaviour=10000 features=300 learner=300 customers=2000 retention=2000 targeting=20000 large=300

bench-large: $(READY)  ## detectors and the model of leaving on 100,000 subscribers and 14 months: hours, and tens of GB
	@$(BIN)/python -m benchmarks year=100000

format: $(READY) ## rewrite Python and SQL in the one layout
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format .
	@$(BIN)/sqlfluff fix --processes 2 --disable-progress-bar pipelines marts models quality

lock: $(READY)   ## resolve pyproject.toml anew into requirements.lock
	@VIRTUAL_ENV=.venv $(BIN)/uv pip compile --universal --generate-hashes --no-annotate --no-header --group dev pyproject.toml -o requirements.lock

readme: $(READY) ## run the queries of README.md, marts/*/README.md and models/*/README.md (after make demo) and write their answers there
	@$(BIN)/python -m tests.readme
