# The two commands of a fresh machine with Python 3.11 or later and make:
#   make run     starts Khata
#   make test    sets everything up and passes all checks and tests
# The first call builds .venv from uv.lock; later calls find it ready and cost nothing.

.DEFAULT_GOAL := help
# Checks answer in the order written, and pytest has the last word.
.NOTPARALLEL:

# The first Python of 3.11 or later; say `make run PYTHON=/path/to/python` to choose another.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo "$$python"; exit; }; done)

# uv installs what uv.lock names. A recent one on the PATH will do; otherwise exactly this
# version is put into .tools, inside the checkout.
UV_VERSION := 0.13.9
UV := $(shell uv --version 2>/dev/null | awk '{ split($$2, v, "."); if (v[1] > 0 || v[2] >= 9) print "uv" }')
ifeq ($(UV),)
UV := .tools/uv-$(UV_VERSION)/bin/uv
UV_FILE := $(UV)
endif
export UV_PYTHON_DOWNLOADS := never
SYNC := $(UV) sync --quiet --locked --python "$(PYTHON)"

# Options for khata or pytest, say: make quick ARGS="-k hold -x"
ARGS ?=
# How many run tests at once, each with a PostgreSQL of its own. The tests of a file stay together,
# for many share a product.
WORKERS ?= 2

.PHONY: help
help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

.PHONY: run
run: .venv/product dashboard ## Start Khata with a PostgreSQL of its own on http://127.0.0.1:8484
	@.venv/bin/khata serve $(ARGS)

# Node comes as a wheel from PyPI; what is built already from these sources is left as it is.
.PHONY: dashboard
dashboard: .venv/product ## Build the dashboard into the package
	@.venv/bin/python hatch_build.py

.PHONY: screenshots
screenshots: .venv/ready dashboard programs ## Take a picture of every page, in both themes, wide and narrow
	@KHATA_SCREENSHOTS=screenshots .venv/bin/pytest -q tests/web/test_pages.py $(ARGS)

.PHONY: test
test: lint all-tests ## Set up, then pass format, lint, types, floors and all tests

.PHONY: check
check: lint quick all-tests ## The same, with the quick tests first

.PHONY: quick
quick: .venv/ready ## Only the tests of the rules, the engine, the stories and the house
	@HYPOTHESIS_PROFILE=quick .venv/bin/pytest $(wildcard tests/domain tests/engine tests/stories tests/tidy) $(ARGS)

.PHONY: all-tests
all-tests: .venv/ready dashboard programs ## All tests and nothing else
	@.venv/bin/pytest --numprocesses $(WORKERS) --dist loadfile $(ARGS)

# What tests need beyond Python: installed where that may be done, else named at the tests' end.
.PHONY: programs
programs: .venv/ready
	@.venv/bin/python tests/debian.py

.PHONY: lint
lint: .venv/ready ## Check format, lint, types and floors; changes nothing
	@.venv/bin/ruff format --check
	@.venv/bin/ruff check --quiet
	@.venv/bin/basedpyright
	@.venv/bin/lint-imports --no-logo
	@.venv/bin/python hatch_build.py npm run --silent check

.PHONY: api
api: .venv/ready ## Write the dashboard's types anew from the document of the API
	@.venv/bin/khata openapi > web/openapi.json
	@.venv/bin/python hatch_build.py npm run --silent api -- --output src/api/schema.d.ts

.PHONY: format
format: .venv/ready ## Format the sources and mend what the linter can mend by itself
	@.venv/bin/ruff check --fix-only --quiet
	@.venv/bin/ruff format
	@.venv/bin/python hatch_build.py npm run --silent format

.PHONY: bench
bench: .venv/product ## Measure Khata and one transaction per request, in the same run
	@.venv/bin/khata bench --baseline $(ARGS)

# What Khata runs on; leaves the tools of .venv/ready alone.
.venv/product: pyproject.toml uv.lock $(UV_FILE) | python
	@echo "Setting up Khata in .venv, once …"
	@$(SYNC) --inexact --no-dev --group web --extra embedded --extra forecast --extra pdf
	@touch $@

# The same and the tools for checks and tests.
.venv/ready: pyproject.toml uv.lock $(UV_FILE) | python
	@echo "Setting up Khata and its tools in .venv, once …"
	@$(SYNC)
	@touch $@ .venv/product

.tools/uv-$(UV_VERSION)/bin/uv: | python
	@echo "Setting up uv $(UV_VERSION) in .tools, once …"
	@rm -rf .tools/uv-$(UV_VERSION)
	@"$(PYTHON)" -m venv .tools/uv-$(UV_VERSION) || { \
		echo "uv goes into a virtual environment, and this Python cannot make one: install the package python3-venv, or uv." >&2; \
		rm -rf .tools/uv-$(UV_VERSION); exit 2; }
	@.tools/uv-$(UV_VERSION)/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.PHONY: python
python:
	@test -n "$(PYTHON)" || { \
		echo "Khata needs Python 3.11 or later, and none was found. Name one: make run PYTHON=/path/to/python" >&2; \
		exit 2; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Khata needs Python 3.11 or later; $(PYTHON) is not." >&2; exit 2; }
