# Everything happens in .venv and in CONCORD_HOME (.concord): nothing else on the machine is touched.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup run demo test check faults bench openapi clients lock clean

# The Python to build .venv with. Found when it is needed, unless it is given: make setup PYTHON=python3.12
PYTHON ?=

# In a fixed order, so that what fails fails again; PYTEST_ARGS='-n 2' shuffles.
PYTEST_ARGS ?= -n 2 -p no:randomly

CONCORD := .venv/bin/python -m services.cli

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

setup: .venv/installed ## Install Concord and its pinned dependencies into .venv
	@:

run: setup ## Start Concord on 127.0.0.1:8000 (PORT), with its data in .concord (CONCORD_HOME)
	@$(CONCORD) run

demo: setup ## Play the demonstration alliance through the HTTP API
	@$(CONCORD) demo

test: setup ## Run the test suite (PYTEST_ARGS="-k name" for a part)
	@.venv/bin/python -m pytest -m "not faults" $(PYTEST_ARGS)

check: setup ## Check format, lint, types and import rules
	@.venv/bin/python -m ruff format --check
	@.venv/bin/python -m ruff check
	@.venv/bin/python -m mypy
	@.venv/bin/lint-imports

faults: setup ## Run the long fault, soak and scale tests
	@.venv/bin/python -m pytest -m faults $(FAULTS_ARGS)

bench: setup ## Run the benchmarks against references of the same run, in eleven minutes (BENCH_ARGS=--quick: in two)
	@.venv/bin/python -m tests.bench $(BENCH_ARGS)

openapi: setup ## Write openapi/*.json
	@$(CONCORD) openapi

clients: setup ## Lint openapi/concord.json, generate Python and TypeScript clients and check their types (needs npm)
	@sh tests/clients/check.sh

lock: ## Resolve the dependencies anew and pin them in requirements.lock
	@$(find_python); \
	echo "Resolving the newest dependencies with $$("$$python" --version) ..."; \
	rm -rf .venv-lock && "$$python" -m venv .venv-lock && \
	.venv-lock/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]' && \
	.venv-lock/bin/python -m pip freeze --all --exclude pip --exclude concord > requirements.lock.new && \
	mv requirements.lock.new requirements.lock && rm -rf .venv-lock && \
	echo "requirements.lock pins $$(grep -c == requirements.lock) packages."

clean: ## Remove .venv and all caches; the data in .concord stays
	@rm -rf .venv .venv-lock .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis *.egg-info
	@find services shared migrations tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Made last, so that a set-up that was interrupted is taken up again; older than the pins, it is brought up to date.
.venv/installed: requirements.lock pyproject.toml
	@$(find_python); \
	echo "Setting up .venv with $$("$$python" --version): $$(grep -c == requirements.lock) pinned packages, about a minute ..."; \
	"$$python" -m venv .venv && \
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock && \
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable . && \
	touch .venv/installed && \
	echo "Ready."

# Sets $$python to the first Python of 3.11 or newer that can make a virtual environment, or says what to install.
define find_python
python=; without_venv=; \
for each in $(if $(PYTHON),"$(PYTHON)",python3.11 python3 python3.12 python3.13 python3.14 python); do \
	"$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	if "$$each" -c 'import ensurepip, venv' 2>/dev/null; then python=$$each; break; fi; \
	without_venv=$$each; \
done; \
if [ -z "$$python" ] && [ -n "$$without_venv" ]; then \
	echo "$$("$$without_venv" --version) cannot make virtual environments. On Debian or Ubuntu: apt-get install python3-venv" >&2; \
	exit 1; \
fi; \
if [ -z "$$python" ]; then \
	echo "Concord needs Python 3.11 or newer. Looked for $(if $(PYTHON),$(PYTHON),python3.11 to python3.14 and python3) and found none:" \
		"install one, or name it: make setup PYTHON=/path/to/python3" >&2; \
	exit 1; \
fi
endef
