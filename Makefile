# The product's front door. Needs Python 3.11 or newer, git and make; says what else it installs.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv/bin/python

.PHONY: help run setup check test bench lock
help:
	@echo "make run    start the demonstration on http://127.0.0.1:8000 (PORT=8001 make run for another port)"
	@echo "make setup  install what it needs into .venv and build its assets"
	@echo "make check  lint, types, import contracts, migrations and the quick tests: under two minutes"
	@echo "make test   everything, on SQLite and PostgreSQL, and the browser journeys"
	@echo "make bench  measure the main pages on PostgreSQL"
	@echo "make lock   write the hashed lists of packages anew (UPGRADE=1 for newer ones)"

setup:
	@$(or $(PYTHON),false) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "SENCO Pathway needs Python 3.11 or newer, and did not find it." >&2; exit 1; }
	@$(PYTHON) -m tools.setup

run: setup
	@exec $(VENV) -m tools.run

check: setup
	@exec $(VENV) -m tools.suite check

test: setup
	@exec $(VENV) -m tools.suite test

bench: setup
	@exec $(VENV) tools/postgres.py -- $(VENV) -m tests.bench

lock:
	@exec $(PYTHON) -m tools.lock
