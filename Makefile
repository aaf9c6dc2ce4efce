# Everything is made under .venv; nothing global is changed but missing system packages, as root, with apt-get.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
# Of the tests. One more than two cores, because a worker with a real stack waits for minutes, and uses little of them.
WORKERS ?= 3
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps

.PHONY: help install up down status test test-full test-faults test-compose lint generate docs audit release bench bench-judgement lock clean

help: ## show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(VENV)/.runtime ## make .venv and install what runs, from the locks; starts nothing

up: $(VENV)/.runtime ## start the whole stack, with docker compose if it can, and show notifications until Ctrl-C; ARGS=--detach, --native, --docker
	@$(BIN)/steadyline up $(ARGS)

down: $(VENV)/.runtime ## stop the stack
	@$(BIN)/steadyline down $(ARGS)

status: $(VENV)/.runtime ## what runs, and how the operations stand
	@$(BIN)/steadyline status $(ARGS)

test: lint ## lint, then all tests with real programs; ARGS="-k name" chooses some
	@$(BIN)/python -m deploy.native.bootstrap --stack
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --benchmark-disable --durations 60 --durations-min 5 $(ARGS)

test-full: override ARGS += -m "not compose and not faults"
test-full: test ## the same, and the tests that take minutes

test-faults: $(VENV)/.dev ## break parts of a running stack on purpose, and see what stays true; a line for each fault
	@$(BIN)/python -m deploy.native.bootstrap --stack
	$(BIN)/pytest tests/faults -m faults -v -n 2 --dist loadfile $(ARGS)

test-compose: $(VENV)/.dev ## the stack of containers, from outside: up, measured, judged, told, gone; needs a Docker engine, or a lab that makes one
	@bash tests/compose/lab || [ $$? -eq 3 ]
	$(BIN)/pytest tests/compose -m compose $(ARGS)

lint: $(VENV)/.dev ## style, types, imports, and generated files against their sources
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/steadyline rules check
	$(BIN)/steadyline dashboards check
	$(BIN)/python docs/generate.py --check
	$(BIN)/python -m deploy.kubernetes.generate --check

generate: $(VENV)/.dev ## write the generated files anew: rules, boards, reference pages, manifests
	$(BIN)/steadyline rules generate
	$(BIN)/steadyline dashboards generate
	$(BIN)/python docs/generate.py
	$(BIN)/python -m deploy.kubernetes.generate

docs: $(VENV)/.dev ## build the handbook into site/, strictly: a link, an anchor or a picture that leads nowhere is an error
	@$(BIN)/python -m docs.handbook

audit: $(VENV)/.dev ## ask a service whether a locked package has a known vulnerability; where it cannot be reached it says so and fails, which is no pass
	@$(BIN)/python -m deploy.release.audit $(ARGS)

release: $(VENV)/.dev ## build and check wheel, sdist, SBOM and sums into dist/, and upload nothing; ARGS=--rehearse without a tag
	@$(BIN)/python -m deploy.release $(ARGS)

bench: $(VENV)/.dev ## measure what was promised, as a table; ARGS=--keep puts it into docs/performance.md
	@$(BIN)/python -m deploy.native.bootstrap --stack
	$(BIN)/python tests/bench/run.py $(ARGS)

bench-judgement: $(VENV)/.dev ## how often the judgement is right; ARGS="--only NAME" for one subject, --keep puts it into docs/judgement.md
	@$(BIN)/python tests/bench/judgement/run.py $(ARGS)

lock: $(VENV)/.dev ## write the locks anew, with hashes; ARGS=--upgrade takes the newest versions
	$(LOCK) $(ARGS) --extra dashboards --extra trend pyproject.toml requirements/dev.in -o requirements/dev.txt
	$(LOCK) $(ARGS) -c requirements/dev.txt pyproject.toml -o requirements/runtime.txt
	$(LOCK) $(ARGS) -c requirements/dev.txt requirements/build.in -o requirements/build.txt

clean: ## stop the stack, remove .venv and caches; .steadyline, with your recorded baselines, stays
	@if [ -x $(BIN)/steadyline ]; then $(BIN)/steadyline down; fi
	rm -rf $(VENV) dist site .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage

# A .venv that has a working pip is taken as it is; one that was broken off is made anew.
$(VENV)/.made:
	@if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
	  for python in python3.14 python3.13 python3.12 python3.11 python3 python; do \
	    if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$python; break; fi; \
	  done; \
	  if [ -z "$${found-}" ]; then \
	    echo 'steadyline: no Python 3.11 or newer on PATH; install one (Debian 12, Ubuntu 24.04 and later: apt-get install python3)' >&2; \
	    exit 2; \
	  fi; \
	  "$$found" -m deploy.native.bootstrap --venv && \
	  echo "steadyline: making $(VENV) with $$(command -v "$$found")" >&2 && \
	  "$$found" -m venv --clear $(VENV); \
	fi
	@touch $@

$(VENV)/.runtime: requirements/runtime.txt requirements/build.txt pyproject.toml | $(VENV)/.made
	@echo 'steadyline: installing from requirements/runtime.txt' >&2
	@$(PIP) --require-hashes -r requirements/runtime.txt -r requirements/build.txt
	@$(PIP) --no-index --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	@echo 'steadyline: installing from requirements/dev.txt' >&2
	@$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@
