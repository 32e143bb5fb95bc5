# The two commands a newcomer needs: `make run` and `make test`. Both set up what they need.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
PY := .venv/bin/python
WORKERS ?= 2
PYTEST := $(PY) -m pytest -n $(WORKERS) --dist loadgroup

.PHONY: setup run test soak drafts lint lock clean

setup: .venv/installed
	@$(PY) -m config.catalogues

.venv/installed: requirements.lock
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is missing: install it (Debian: apt-get install python3 python3-venv) and try again."; exit 1; }
	@test -x $(PY) || $(PYTHON) -m venv .venv 2>/dev/null || { rm -rf .venv; echo "Python's venv module is missing: install it (Debian: apt-get install python3-venv) and try again."; exit 1; }
	@echo "Installing the libraries of requirements.lock ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock \
		|| { echo "The libraries could not be installed: see pip's message above (network, disk space)."; exit 1; }
	@touch $@

run: setup
	@$(PY) -m config.runner

test: setup
	$(PYTEST)
	@if [ -n "$$ANJU_TEST_POSTGRES" ]; then echo "Once more, on PostgreSQL"; \
		DATABASE_URL="$$ANJU_TEST_POSTGRES" $(PYTEST) -m "not browser"; fi

# The fault test whole: 10,000 records, every fault at 10 %, processes killed with -9.
soak: setup
	ANJU_SOAK_SCALE=$${ANJU_SOAK_SCALE:-3.2} ANJU_SOAK_KILLS=$${ANJU_SOAK_KILLS:-10} $(PY) -m pytest -s tests/uploads/test_soak.py

# Drafts under fire: a thousand trials of killed browsers, cut lines and ended sessions.
drafts: setup
	ANJU_DRAFT_TRIALS=$${ANJU_DRAFT_TRIALS:-1000} $(PY) -m pytest -s tests/journeys/test_drafts.py

lint: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) -m config.lint

lock:
	$(PY) -m pip install --quiet uv
	.venv/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate requirements.in -o requirements.lock

clean:
	rm -rf .venv .pytest_cache .ruff_cache .import_linter_cache .hypothesis
