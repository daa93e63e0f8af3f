# Needs Rust, and Python 3.11 or later with venv; everything else comes into .venv.

PYTHON ?= python3
CARGO ?= cargo
VENV := .venv
BIN := $(VENV)/bin
TOOLS := $(VENV)/.tools
INSTALLED := $(VENV)/.installed
SOURCES := Cargo.toml Cargo.lock pyproject.toml $(shell find rust python -name '*.rs' -o -name '*.py' -o -name '*.pyi' -o -name '*.html' -o -name '*.css' -o -name '*.js' -o -name Cargo.toml) $(wildcard packaging/data/data/share/man/man1/*.1)

.PHONY: help demo test lint docs bench kernels fuzz wheel man clean

help:
	@echo "make demo    build panarc, make an archive of a few genomes and read it back"
	@echo "make test    all tests of Rust and Python"
	@echo "make lint    formatting, clippy, ruff, mypy"
	@echo "make docs    the site, in site/"
	@echo "make bench   compare with other programs (benches/suite.py)"
	@echo "make kernels measure each kernel by itself (criterion)"
	@echo "make fuzz    fuzz all targets for TIME seconds (docs/fuzzing.md)"
	@echo "make wheel   the wheel, in dist/"
	@echo "make man     the manual pages, in packaging/"
	@echo "make clean   remove everything that was built"

$(TOOLS): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet 'maturin>=1.9,<2' --group test --group lint
	touch $@

$(INSTALLED): $(TOOLS) $(SOURCES)
	rm -f dist/*.whl
	$(BIN)/python packaging/licences.py
	$(BIN)/maturin build --release --out dist
	$(BIN)/python -m pip install --quiet --force-reinstall --no-deps dist/*.whl
	touch $@

wheel: $(INSTALLED)

man: $(INSTALLED)
	$(BIN)/python packaging/man.py

TIME ?= 600

fuzz:
	$(PYTHON) fuzz/run.py $(TIME)

demo: $(INSTALLED)
	$(BIN)/python examples/demo.py

test: $(INSTALLED)
	if $(CARGO) nextest --version >/dev/null 2>&1; then \
		$(CARGO) nextest run -p panarc-core -p panarc-model; \
	else \
		$(CARGO) test -p panarc-core -p panarc-model; \
	fi
	$(CARGO) test --manifest-path fuzz/Cargo.toml --target-dir target
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

lint: $(TOOLS)
	$(CARGO) fmt --all --check
	$(CARGO) fmt --manifest-path fuzz/Cargo.toml --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	$(CARGO) clippy --manifest-path fuzz/Cargo.toml --target-dir target --all-targets -- -D warnings
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

$(VENV)/.docs: $(TOOLS)
	$(BIN)/python -m pip install --quiet --group docs
	touch $@

docs: $(VENV)/.docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --clean

# PEERS: --agc COMMAND --agc-module PATH --mbgc COMMAND --zstd COMMAND; BENCH: other options of benches/suite.py.
bench: $(INSTALLED)
	@if [ -d "$${PANARC_SHARED:-../shared}/data" ]; then \
		$(BIN)/python benches/suite.py --panarc "$(abspath $(BIN))/panarc" $(PEERS) $(BENCH); \
	else echo "no data: neither ../shared/data nor PANARC_SHARED is there"; fi

kernels:
	$(CARGO) bench -p panarc-core

clean:
	rm -rf site target fuzz/target fuzz/corpus fuzz/artifacts dist demo-out bench-out $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find python tests benches examples -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
