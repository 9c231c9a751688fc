# `make test` and `make demo` set up all they need, on a machine that has Python, Node, git and apt.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
KERNELS := 6.31 7.3 7.4
# Each file in one of three processes, in the order of their names: the browser, which takes
# longest, comes first.
SIDE_BY_SIDE := --numprocesses 3 --dist loadfile --no-loadscope-reorder
# Else each of the hundreds of processes of the tests compiles the package anew.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: test demo lab browser explore public bench format clean

test: $(VENV)/.ready js/node_modules/.ready $(KERNELS:%=.kernels/%/.ready) .public/.ready browser
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	cd js && npm run --silent check
	cd js && npm run --silent build -- --check
	cd js && npm run --silent test
	$(BIN)/python -m pytest $(SIDE_BY_SIDE)

demo: $(VENV)/.ready
	$(BIN)/notebook-actions demo --port $(PORT)

lab: $(VENV)/.ready
	$(BIN)/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) notebooks/enrollment.ipynb

$(VENV)/.ready: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	touch $@

# One environment for each ipykernel that the widget is tested with.
.kernels/%/.ready: pyproject.toml
	test -x .kernels/$*/bin/python || $(PYTHON) -m venv .kernels/$*
	.kernels/$*/bin/python -m pip install --quiet --disable-pip-version-check -e . 'ipykernel==$*.*'
	touch $@

# Notebooks of other projects, to be exported by the tests.
.public/.ready: $(VENV)/.ready tests/public/few.txt
	$(BIN)/python -m tests.public.fetch .public $$(cat tests/public/few.txt)
	touch $@

# All of them, in an environment with what they import: 97 minutes on two cores, beside other work
# (`nice -n 15 make public >public.log`). What is not right and the figures of each package are printed
# when it is done, and the table of all at the end. Answers are kept in .public/answers, and a later
# run makes only those whose code has changed.
public: $(VENV)/.ready
	test -x .public/venv/bin/python || $(PYTHON) -m venv .public/venv
	.public/venv/bin/python -m pip install --quiet --disable-pip-version-check \
	  -e . -r tests/public/requirements.txt
	.public/venv/bin/python -m tests.public

js/node_modules/.ready: js/package-lock.json
	cd js && npm ci --no-audit --no-fund --loglevel=error
	touch $@

# A browser of the system where there is one; else Debian's, or Playwright's own.
browser: $(VENV)/.ready
	$(BIN)/python tests/browser/find.py || \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core; \
	  else \
	    $(BIN)/python -m playwright install chromium; \
	  fi
	$(BIN)/python tests/browser/find.py

# The property tests, with examples that no run has drawn yet. What they find becomes a test.
explore: $(VENV)/.ready
	$(BIN)/python -m pytest --hypothesis-profile=explore $$(grep -rlE "^from hypothesis import .*given|^from hypothesis.stateful" tests --include="*.py")

# How the time of an export grows with the notebook, and what a large upload costs the server and
# its other clients; no tests, since machines differ.
bench: $(VENV)/.ready
	$(BIN)/python -m tests.benchmarks.export
	$(BIN)/python -m tests.benchmarks.upload

format: $(VENV)/.ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	cd js && npm run --silent build

clean:
	rm -rf $(VENV) .kernels .public js/node_modules dist build
