# Every target works from a fresh clone on Debian 12. `make` lists them.
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help venv dev node demo demo-svs demo-alarm tour test lint bench soak fuzz lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: venv ## run everything on this machine: no root, no server, no container
	@$(BIN)/python -m sealdrop_demo run

demo-svs: venv ## open what the journalist downloaded, as the Secure Viewing Station does
	@$(BIN)/python -m sealdrop_demo svs $(FILE)

demo-alarm: venv ## stop the demo's worker: the alert, and the source's "not open" page
	@$(BIN)/python -m sealdrop_demo alarm

tour: dev ## the demo's journey in a browser, one line and one picture per step
	@$(BIN)/python -m sealdrop_demo tour

test: ## install what the tests need (root or sudo), run every suite, print the seconds
	@python3 tests/run.py

lint: dev node ## ruff, mypy, the walls between the packages, TypeScript
	@deploy/build/lint.sh

bench: dev ## acknowledged MB/s beside a server that discards, and beside a bare COPY
	@$(BIN)/python -m bench

soak: dev ## the long forms of the tests: hours, not minutes
	@$(BIN)/pytest -m slow

fuzz: dev ## every parser fuzzed, guided by coverage; SECONDS=600 for each
	@$(BIN)/pip install --disable-pip-version-check --quiet --no-deps --require-hashes -r requirements-fuzz.lock
	@$(BIN)/python -m tests.fuzz.guided --seconds $(or $(SECONDS),600)

venv: ## everything that runs, in .venv
	@deploy/build/venv.sh run

dev: ## everything that tests, in .venv
	@deploy/build/venv.sh dev

node: dev ## what package-lock.json names, in node_modules
	@deploy/build/node.sh

lock: ## write the lock files anew; needs uv
	@deploy/build/lock.sh

clean: ## remove what the other targets made
	@rm -rf .venv .build .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name node_modules -prune -exec rm -rf {} +
	@python3 tests/run.py --clean
