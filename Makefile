# The five commands of CONTRIBUTING.md, and what they stand on.
PYTHON ?= $(firstword $(shell command -v python3.11 || command -v python3) python3)
VENV := .venv
BIN := $(VENV)/bin
SETUP := $(VENV)/.set-up
CONSTRAINTS := packaging/constraints.txt
BENCHMARK := .venv-benchmark
PARTS ?=
KINDS ?=
# Tests and pictures are made off-screen; QT_QPA_PLATFORM=xcb make test shows the windows.
OFFSCREEN := QT_QPA_PLATFORM=$${QT_QPA_PLATFORM:-offscreen}

.PHONY: setup demo libraries cluster test test-integration benchmark references screenshots example catalogue package lint constraints clean help

help:
	@echo "make demo              set up, and fit the bundled example (window, or terminal without a display)"
	@echo "make test              set up, check the style and the types, run the tests"
	@echo "make test-integration  the tests that take minutes or need servers"
	@echo "make benchmark         measure, and write docs/benchmarks.md (PARTS=\"toys pyhf\": only these)"
	@echo "make references        compute missing reference values with pyhf (hours)"
	@echo "make screenshots       write docs/pictures and build/pictures by driving the window (KINDS=gallery: only these)"
	@echo "make catalogue         check the list of published likelihoods, and write what fitgui reads"

setup: $(SETUP)

$(SETUP): pyproject.toml backends/pyproject.toml $(CONSTRAINTS) packaging/system-libraries.sh packaging/window_check.py
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "fitgui needs Python 3.11 or later: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	"$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --constraint $(CONSTRAINTS) \
	  --editable ./backends --editable ".[minuit,globus,parsl]" --group dev
	sh packaging/system-libraries.sh $(BIN)/python
	touch $@

# Fits the bundled example: in the window, or in the terminal where no window can be opened.
demo: setup
	@if $(BIN)/python packaging/window_check.py display; then $(BIN)/fitgui gui example --run; \
	else echo "Fitting the example in the terminal."; $(BIN)/fitgui run example; fi

# Without Qt's libraries pytest ends inside a plugin, with a traceback that helps nobody.
libraries: setup
	@$(OFFSCREEN) sh packaging/system-libraries.sh $(BIN)/python --check

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: lint libraries
	$(OFFSCREEN) $(BIN)/pytest -m "not integration" --numprocesses auto --maxprocesses 4 --dist loadfile

# A real Slurm and RabbitMQ, and the environments of the workers that they start.
cluster: setup
	sh packaging/cluster-services.sh
	$(BIN)/python -m tests.cluster.environments

test-integration: libraries cluster
	$(OFFSCREEN) $(BIN)/pytest -m integration

# pyhf's jax and what draws the picture are needed nowhere else: .venv stays what users have.
$(BENCHMARK)/.set-up: pyproject.toml backends/pyproject.toml $(CONSTRAINTS)
	"$(PYTHON)" -m venv $(BENCHMARK)
	$(BENCHMARK)/bin/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BENCHMARK)/bin/python -m pip install --quiet --constraint $(CONSTRAINTS) \
	  --editable ./backends --editable ".[minuit,globus,parsl]" --group benchmark
	$(BENCHMARK)/bin/python -m pip install --quiet --constraint $(CONSTRAINTS) --editable ".[jax]" || \
	  echo "jax cannot be installed here: what needs it will be left out." >&2
	touch $@

benchmark: libraries $(BENCHMARK)/.set-up
	$(OFFSCREEN) $(BENCHMARK)/bin/python -m tests.benchmarks $(PARTS)

# Only what is missing in tests/references is computed; delete there what is to be computed again.
references: $(BENCHMARK)/.set-up
	for what in tests limits; do $(BENCHMARK)/bin/python -m tests.references.make_references \
	  "$${FITGUI_PALLETS:-../shared/pallets}" $$what || exit 1; done

screenshots: libraries
	$(OFFSCREEN) $(BIN)/python -m tests.gui.make_screenshots $(KINDS)

example: setup
	$(BIN)/python resources/make_example.py

# PALLETS=folder: also look anew into the published files there.
catalogue: setup
	$(BIN)/python resources/make_catalogue.py $(if $(PALLETS),--open "$(PALLETS)")

# A folder in dist/fitgui that runs without Python; proves itself with one fit and one window.
package: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group package
	$(BIN)/pyinstaller --noconfirm --log-level WARN packaging/fitgui.spec
	dist/fitgui/fitgui self-test

# Writes down the newest versions that fit together; test them before you commit the file.
constraints:
	PYTHON="$(PYTHON)" sh packaging/refresh-constraints.sh $(CONSTRAINTS)

clean:
	rm -rf $(VENV) $(BENCHMARK) .venv-endpoint .venv-worker* .venv-*.lock .venv-*.used build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
