# Everything starts here. `make demo` and `make test` set up all they need from a clean clone.

VENV   := .venv
BIN    := $(VENV)/bin
PYTHON ?= python3
JOBS   ?= 2
STATIC := src/ipyavatar/static/widget.js
PUBLIC := .clients/.made
# Other front ends have an environment of their own: they bring versions and pages of their own.
OTHERS := .venv-frontends
# And so have other JupyterLabs, with kernels of ours.
LABS   := $(patsubst %,.venv-%/.made,jupyterlab-42 jupyterlab-44 collaboration)
# The kernel before subshells; the rest of its environment is ours.
OLD_KERNEL := .ipykernel-6
# All below js/src counts; folders too, since their time changes when a file comes or goes.
PAGE   := $(shell find js/src)
# The page's half of the messages is written from Python's.
MESSAGES := js/src/model/messages.ts
PROTOCOL := $(wildcard src/ipyavatar/protocol/*.py) src/ipyavatar/core/text.py

# Our folder of commands comes first: Node is there where the machine has none (tools/node.py).
NPM    := PATH="$(CURDIR)/$(BIN):$$PATH" npm
# The page is built beforehand, so that installing the package needs no npm.
PIP    := SKIP_JUPYTER_BUILDER=1 $(BIN)/python -m pip install --quiet
# A test process that crashes ends the run with its name; begun anew, the others would wait for it for ever.
PYTEST := $(BIN)/python -m pytest --durations 10 --max-worker-restart 0
# Each file on one process, in their own order: by default those with few tests come last, and these take longest.
IN_ORDER := --dist loadfile --no-loadscope-reorder --numprocesses
# Tests start more than a thousand processes: our modules are compiled once, and not in each of them.
unexport PYTHONDONTWRITEBYTECODE
# One make at a time may hold the lock of this name.
LOCKED := $(PYTHON) tools/lock.py

.PHONY: set-up help demo test bench shots art clean build browser turnserver iproute2 node sdk \
	lint lint-style lint-types lint-layers lint-js js unit integration e2e frontends long \
	docs coverage figures oldest unit-on py310 newest
.DELETE_ON_ERROR:

help:
	@echo "make demo         set up, and open the quickstart notebook in JupyterLab"
	@echo "make test         set up, and run everything: lint docs js unit integration e2e"
	@echo
	@echo "make unit         the quick loop: unit tests, under a minute"
	@echo "make integration  tests of whole processes, of the twin, and of clients against it"
	@echo "make js           the page's half: types, lint, tests"
	@echo "make e2e          a real JupyterLab in a real Chromium"
	@echo "make frontends    other front ends, in a real browser; not in make test"
	@echo "make long         an hour of virtual and ten minutes of real time: the twin's rooms, an open microphone; not in make test"
	@echo "make lint         style, types, layers; also of TypeScript"
	@echo "make docs         the documentation site, strict, into site/"
	@echo
	@echo "make oldest       unit and contract tests with the oldest dependencies that pyproject.toml allows"
	@echo "make py310        unit tests on Python 3.10, the oldest"
	@echo "make newest       unit tests on the newest Python there is here"
	@echo "make unit-on PY=python3.12   unit tests on this one"
	@echo "make coverage     which lines tests reach, by folder; TESTS=tests/unit for a part"
	@echo "make figures      sizes and shapes of the code, next to well-kept packages"
	@echo "make bench        measure; ROWS=startup,cpu measures a part"
	@echo "make shots        pictures of the widget in every state, into shots/"
	@echo "make art          draw the characters anew (needs libGL and libEGL)"

# ---- setting up ----------------------------------------------------------------------------------
#
# A target that needs something depends on `ready-NAME`: a make below this one that holds the lock
# and looks again what is out of date. So two makes at once set up once, one after the other.
# Each stamp lies inside what it stands for, and is renewed when what that was made from changes.

ready-js:    GOALS = $(STATIC)
ready-lab:   GOALS = $(VENV)/.lab $(STATIC)
ready-dev:   GOALS = $(VENV)/.dev $(STATIC)
ready-integration: GOALS = $(VENV)/.dev $(STATIC) turnserver
ready-docs:  GOALS = $(VENV)/.docs
ready-e2e:   GOALS = $(VENV)/.dev $(STATIC) tests/sdk/node_modules/.made $(PUBLIC) browser turnserver iproute2 \
	$(OTHERS)/.made $(OLD_KERNEL)/.made tests/hub/node_modules/.made
ready-frontends: GOALS = $(VENV)/.dev $(STATIC) browser $(OTHERS)/.more $(OLD_KERNEL)/.made $(LABS)
ready-bench: GOALS = $(VENV)/.dev $(STATIC) browser $(OTHERS)/.made
ready-art:   GOALS = $(VENV)/.art

ready-%:
	@sh tools/need.sh $(PYTHON)
	@$(LOCKED) setup $(MAKE) --no-print-directory set-up GOALS="$(GOALS)"

set-up: $(GOALS)
	@:

$(VENV)/.made:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	@touch $@

node: $(VENV)/.made
	@$(BIN)/python tools/node.py

js/node_modules/.made: js/package.json js/package-lock.json | node
	cd js && $(NPM) ci --no-audit --no-fund --silent
	@touch $@

$(MESSAGES): $(PROTOCOL) tools/page_types.py | $(VENV)/.lab
	$(BIN)/python tools/page_types.py

$(STATIC): js/node_modules/.made $(PAGE) js/build.mjs js/tsconfig.json
	cd js && $(NPM) run --silent build

$(VENV)/.lab: pyproject.toml $(VENV)/.made
	$(PIP) --editable . --group lab
	@touch $@

$(VENV)/.dev: pyproject.toml $(VENV)/.lab
	$(PIP) --group lab --group lint --group test
	@touch $@

$(VENV)/.docs: pyproject.toml $(VENV)/.made
	$(PIP) --group docs
	@touch $@

$(VENV)/.art: pyproject.toml $(VENV)/.made
	$(PIP) --group art
	@touch $@

tests/sdk/node_modules/.made: tests/sdk/package.json tests/sdk/package-lock.json tests/sdk/build.mjs | node
	cd tests/sdk && $(NPM) ci --no-audit --no-fund --silent && $(NPM) run --silent build
	@touch $@

# Without what they want to be installed with: that is large, and of other versions than ours.
$(PUBLIC): tests/sdk/requirements.txt $(VENV)/.made
	rm -rf $(@D)
	$(PIP) --no-deps --target $(@D) --requirement $<
	@touch $@

$(LABS): .venv-%/.made: pyproject.toml
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	$(@D)/bin/python -m pip install --quiet --group $*
	@touch $@

$(OLD_KERNEL)/.made: pyproject.toml $(VENV)/.made
	rm -rf $(@D)
	$(PIP) --no-deps --target $(@D) --group old-kernel
	@touch $@

tests/hub/node_modules/.made: tests/hub/package.json tests/hub/package-lock.json | node
	cd tests/hub && $(NPM) ci --no-audit --no-fund --silent
	@touch $@

$(OTHERS)/.made: pyproject.toml
	$(PYTHON) -m venv $(OTHERS)
	$(OTHERS)/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	SKIP_JUPYTER_BUILDER=1 $(OTHERS)/bin/python -m pip install --quiet --editable . --group frontends
	@touch $@

$(OTHERS)/.more: $(OTHERS)/.made
	$(OTHERS)/bin/python -m pip install --quiet --group more-frontends
	@touch $@

browser:
	@sh tools/browser.sh

turnserver:
	@sh tools/turnserver.sh

iproute2:
	@sh tools/iproute2.sh

build: ready-js

# ---- what people do ------------------------------------------------------------------------------

demo: ready-lab
	$(BIN)/python tools/demo.py

# What needs one core runs side by side; what fails does so before what takes long.
test: ready-dev ready-docs ready-js
	+@$(MAKE) --no-print-directory --jobs 2 --output-sync=target lint docs js
	+@$(MAKE) --no-print-directory unit
	+@$(MAKE) --no-print-directory integration
	+@$(MAKE) --no-print-directory e2e

lint: lint-style lint-types lint-layers lint-js

lint-style: ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

lint-types: ready-dev
	$(BIN)/mypy

lint-layers: ready-dev
	$(BIN)/lint-imports --no-cache

lint-js: ready-js
	cd js && $(NPM) run --silent --if-present lint

# js/build is made anew by each run: one at a time.
js: ready-js
	cd js && $(NPM) run --silent check
	PATH="$(CURDIR)/$(BIN):$$PATH" $(LOCKED) js npm --prefix js test --silent

unit: ready-dev
	$(PYTEST) $(IN_ORDER) $(JOBS) tests/unit

# Most of these wait for other processes: with one more than there are cores these are busy. The many short ones
# come last, so that no process waits long for the others' end. Of those that watch pictures or a room for a minute
# two files at a time need one of two cores.
integration: ready-integration
	$(PYTEST) $(IN_ORDER) $(shell expr $(JOBS) + 1) -m "not alone" tests/integration tests/contract
	$(PYTEST) $(IN_ORDER) $(JOBS) -m alone tests/integration

# Pages that play keep a core busy: a third process makes it no quicker. What counts frames or time runs by itself.
e2e: ready-e2e
	$(PYTEST) $(IN_ORDER) $(JOBS) -m "not alone" tests/e2e
	$(PYTEST) -m alone tests/e2e

# Front ends that CI has no time for.
frontends: ready-frontends
	$(PYTEST) tests/frontends

# What CI has no time for: what grows or drifts by so little that a minute does not show it.
long: ready-bench
	IPYAVATAR_TEN_MINUTES=1 $(BIN)/python -m pytest --timeout 7200 \
		tests/integration/test_twin_hour.py tests/integration/test_twin_long.py tests/integration/test_twin_long_forms.py \
		tests/e2e/test_microphone_long.py

docs: ready-docs
	NO_MKDOCS_2_WARNING=1 $(LOCKED) docs $(BIN)/mkdocs build --quiet --strict

# ---- other Pythons, other versions ---------------------------------------------------------------

# Each has an environment of its own, .venv-NAME; what is not on the machine is asked for.
py310: PY = 3.10
newest: PY = newest
oldest: PY = 3.10
oldest: OTHER = --oldest

py310 newest oldest unit-on: ready-js
	$(LOCKED) unit-on-$(PY)$(OTHER) $(PYTHON) tools/unit_on.py $(OTHER) "$(PY)"

# ---- looking at the code -------------------------------------------------------------------------

coverage: ready-dev
	$(LOCKED) coverage $(BIN)/python tools/coverage_table.py --jobs $(JOBS) $(TESTS)
	cd js && $(NPM) run --silent --if-present coverage

figures: ready-dev
	$(BIN)/python tools/figures.py $(TREES)

bench: ready-bench
	$(BIN)/python -m tests.bench $(if $(ROWS),--rows $(ROWS))

shots: ready-bench
	$(BIN)/python js/test/gallery.py shots

art: ready-art
	$(BIN)/python tools/art/make.py

clean:
	rm -rf .setup $(VENV) .venv-* .clients $(OLD_KERNEL) js/node_modules js/build tests/hub/node_modules tests/sdk/node_modules tests/sdk/build \
		src/ipyavatar/static/* dist shots site bench.json .coverage*
