# The words people type. `make` alone explains them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
FILE ?= ../shared/data/retail_orders.ndjson.gz
BOOKINGS ?= $(dir $(FILE))hotel_bookings.csv.gz

.DEFAULT_GOAL := help
.PHONY: help install up test test-all lint types contracts seed reset bench screens

help: ## explain these words
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

install: $(READY) ## set up .venv with everything pinned; gives .venv/bin/rescind

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; name it with: make PYTHON=/path/to/python3 install"; exit 1; }
	@echo "Setting up $(VENV) (about half a minute, once)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) 2>/dev/null || $(PYTHON) -m venv --clear --without-pip $(VENV)
	@pip="$(BIN)/python -m pip"; $$pip --version >/dev/null 2>&1 || pip="$(PYTHON) -m pip --python $(BIN)/python"; \
	  $$pip --disable-pip-version-check install --quiet -c constraints.txt -e '.[dev]'
	@touch $@
	@echo "Ready: $(BIN)/rescind"

up: $(READY) ## start everything here and print the addresses; Ctrl-C stops it
	@exec $(BIN)/rescind up

test: $(READY) ## run the tests, two at a time
	@$(BIN)/pytest -n 2

test-all: $(READY) ## run the slow tests as well
	@$(BIN)/pytest -m ''

lint: $(READY) ## check style and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(READY) ## check types, strictly
	@$(BIN)/mypy

contracts: $(READY) ## check which folder may import which
	@$(BIN)/lint-imports

seed: $(READY) ## put the example business into the database
	@exec $(BIN)/rescind seed

reset: $(READY) ## forget all data kept here
	@exec $(BIN)/rescind reset

bench: $(READY) ## time it on real data: make bench FILE=orders.ndjson.gz BOOKINGS=bookings.csv.gz
	@$(BIN)/python -m bench.retail "$(FILE)"
	@$(BIN)/python -m bench.refunds
	@$(BIN)/python -m bench.pages
	@exec $(BIN)/python -m bench.policies "$(BOOKINGS)"

screens: $(READY) ## take the pictures of docs/screens.md anew
	@exec $(BIN)/python -m tests.web.browser.gallery
