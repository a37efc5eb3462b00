# The five commands of CONTRIBUTING.md, and what they stand on.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
SETUP := $(VENV)/.set-up

.PHONY: setup demo test test-integration benchmark screenshots example lint clean

setup: $(SETUP)

$(SETUP): pyproject.toml backends/pyproject.toml packaging/system-libraries.sh
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable ./backends --editable ".[minuit]" --group dev
	sh packaging/system-libraries.sh $(BIN)/python
	touch $@

# Fits the bundled example: in the window, or in the terminal where there is no display.
demo: setup
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then $(BIN)/fitgui gui example --run; \
	else echo "No display found: fitting the example in the terminal."; $(BIN)/fitgui run example; fi

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: lint
	QT_QPA_PLATFORM=offscreen $(BIN)/pytest -m "not integration"

test-integration: setup
	QT_QPA_PLATFORM=offscreen $(BIN)/pytest -m integration

benchmark: setup
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.benchmarks

screenshots: setup
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.gui.make_screenshots

example: setup
	$(BIN)/python resources/make_example.py

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
