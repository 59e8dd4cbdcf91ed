# Everything starts here. `make demo` and `make test` set up all they need from a clean clone.

VENV   := .venv
BIN    := $(VENV)/bin
PYTHON ?= python3
STATIC := src/ipyavatar/static/widget.js

.PHONY: help demo test bench lint build unit js e2e browser shots art clean

help:
	@echo "make demo    set up, and open the quickstart notebook in JupyterLab"
	@echo "make test    set up, and run all tests: Python, JavaScript, browser"
	@echo "make bench   measure; ROWS=startup,cpu measures a part"
	@echo "make lint    style, types, layers"
	@echo "make shots   pictures of the widget in every state, into shots/"
	@echo "make art     draw the characters anew (needs libGL and libEGL)"

# ---- setting up: each stamp is renewed when what it was made from changes ------------------------

.setup/tools:
	@sh tools/need.sh $(PYTHON) node npm
	@mkdir -p .setup && touch $@

.setup/venv: | .setup/tools
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	@touch $@

.setup/js: js/package.json js/package-lock.json | .setup/tools
	cd js && npm ci --no-audit --no-fund --silent
	@touch $@

$(STATIC): .setup/js $(shell find js/src -type f) js/build.mjs js/tsconfig.json
	cd js && npm run --silent build
	@touch $@

.setup/lab: pyproject.toml .setup/venv $(STATIC)
	$(BIN)/python -m pip install --quiet --editable . --group lab
	@touch $@

.setup/dev: pyproject.toml .setup/lab
	$(BIN)/python -m pip install --quiet --editable . --group lab --group lint --group test
	@touch $@

.setup/sdk: tests/sdk/package.json tests/sdk/package-lock.json tests/sdk/build.mjs | .setup/tools
	cd tests/sdk && npm ci --no-audit --no-fund --silent && npm run --silent build
	@touch $@

browser:
	@sh tools/browser.sh

build: $(STATIC)

# ---- what people do ------------------------------------------------------------------------------

demo: .setup/lab $(STATIC)
	$(BIN)/python tools/demo.py

test: lint js unit e2e

lint: .setup/dev $(STATIC)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

js: $(STATIC)
	cd js && npm run --silent check && npm test --silent

unit: .setup/dev $(STATIC)
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile tests/unit tests/contract tests/integration

e2e: .setup/dev .setup/sdk $(STATIC) browser
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile -m "not alone" tests/e2e
	$(BIN)/python -m pytest -m alone tests/e2e

bench: .setup/dev $(STATIC) browser
	$(BIN)/python -m tests.bench $(if $(ROWS),--rows $(ROWS))

shots: .setup/dev $(STATIC) browser
	$(BIN)/python js/test/gallery.py shots

art: .setup/venv
	$(BIN)/python -m pip install --quiet --group art
	$(BIN)/python tools/art/make.py

clean:
	rm -rf .setup $(VENV) js/node_modules js/build tests/sdk/node_modules tests/sdk/build src/ipyavatar/static/* dist shots bench.json
