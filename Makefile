# The two commands of a fresh machine with Python >= 3.11 and make:
#   make run     starts Khata
#   make test    sets everything up and passes all checks and tests
# The first call builds .venv from uv.lock; later calls find it ready and cost nothing.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# The first Python of 3.11 or later; say `make run PYTHON=/path/to/python` to choose another.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$python; exit; }; done)

# uv installs what uv.lock names. A uv on the PATH will do if it is recent enough; otherwise
# this very version is put into .tools, inside the checkout.
UV_VERSION := 0.13.9
UV := $(shell uv --version 2>/dev/null \
	| awk '{ split($$2, v, "."); if (v[1] > 0 || v[2] >= 9) print "uv" }')
ifeq ($(UV),)
UV := .tools/uv-$(UV_VERSION)/bin/uv
UV_FILE := $(UV)
endif

# What every tool is started with: the environment as it stands, nothing looked up again.
RUN := $(UV) run --no-sync
# Options for pytest, say: make quick ARGS="-k hold -x"
ARGS ?=

.PHONY: help
help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: .venv/ready ## Start Khata with its own PostgreSQL on http://127.0.0.1:8484
	@$(RUN) khata serve $(ARGS)

.PHONY: test
test: lint all-tests ## Set up, then pass everything: format, lint, types, floors and all tests

.PHONY: check
check: lint quick all-tests ## The same, with the quick tests first

.PHONY: quick
quick: .venv/ready ## Only the tests that need no server: domain, engine, stories, tidy
	@$(RUN) pytest $(wildcard tests/domain tests/engine tests/stories tests/tidy) $(ARGS)

.PHONY: all-tests
all-tests: .venv/ready
	@$(RUN) pytest $(ARGS)

.PHONY: lint
lint: .venv/ready ## Check format, lint, types and floors; changes nothing
	@$(RUN) ruff format --check --quiet
	@$(RUN) ruff check --quiet
	@$(RUN) basedpyright
	@$(RUN) lint-imports

.PHONY: format
format: .venv/ready ## Format the sources and mend what the linter can mend itself
	@$(RUN) ruff format
	@$(RUN) ruff check --fix

.PHONY: bench
bench: .venv/ready ## Measure Khata against one transaction per request, in the same run
	@$(RUN) khata bench --baseline $(ARGS)

# The environment, made again only when the lock has changed.
.venv/ready: pyproject.toml uv.lock $(UV_FILE) | python
	@UV_PYTHON_DOWNLOADS=never $(UV) sync --quiet --locked --python "$(PYTHON)"
	@touch $@

.tools/uv-$(UV_VERSION)/bin/uv: | python
	@echo "Setting up uv $(UV_VERSION) in .tools, once …"
	@"$(PYTHON)" -m venv .tools/uv-$(UV_VERSION)
	@.tools/uv-$(UV_VERSION)/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.PHONY: python
python:
	@test -n "$(PYTHON)" || { echo "Khata needs Python 3.11 or later (and its venv module); none was found. Say: make … PYTHON=/path/to/python3.11" >&2; exit 2; }
