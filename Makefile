# make demo    set up, run seqgen demo, train a run on an embedded corpus, write with it
# make test    set up, the clients of the server as well, run the tests
# make tour    set up, run every command of docs/tour.md and docs/tour.ko.md
# make readme    set up, run every command of README.md and README.ko.md, trainings cut down
# make campaign    set up, kill, fill disks, damage run folders and fuzz for an hour; OPTIONS="--trials 50 --seed 2", or --full
# make lint    style and types; make check is lint and test; make clean removes what these have made
#
# Everything is installed into .venv in this folder, in the versions of constraints.txt. On Linux, PyPI's torch brings
# gigabytes of CUDA along; TORCH_INDEX=https://download.pytorch.org/whl/cpu installs the build for CPUs instead.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CLIENTS := $(VENV)/clients/.ready
AXE := axe-core@4.14.1
INDEX := $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))

.PHONY: demo test tour readme campaign lint check clean

demo: $(READY)
	$(BIN)/seqgen demo
	@echo
	$(BIN)/seqgen train corpora/english.txt --minutes 2 -o checkpoints/demo --overwrite
	@echo
	$(BIN)/seqgen generate -m checkpoints/demo -p "SCENE 1. The harbour, at noon." -n 600 --seed 1

test: $(READY) $(CLIENTS)
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not alone"
	$(BIN)/python -m pytest -m alone

tour: $(READY)
	$(BIN)/python docs/run_tour.py

readme: $(READY)
	$(BIN)/python docs/run_readme.py

campaign: $(READY)
	$(BIN)/python tests/campaigns/everything.py $(OPTIONS)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

check: lint test

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "seqgen needs Python 3.11 or newer, found " + sys.version.split()[0] + "; name another with make PYTHON=...")'
	@$(PYTHON) -c 'import venv, ensurepip' || { echo "this Python has no venv; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(INDEX) -c constraints.txt -e '.[dev]'
	@touch $@

# Programs that speak to the server in the tests, in an environment of their own: seqgen needs none of them. What is not to be
# had (npm) is left out, and the tests that need it say so.
$(CLIENTS): tests/serve/clients.txt | $(READY)
	$(PYTHON) -m venv $(VENV)/clients
	$(VENV)/clients/bin/python -m pip install --quiet --disable-pip-version-check -r tests/serve/clients.txt
	-npm install --silent --no-audit --no-fund --prefix $(VENV)/clients $(AXE)
	@touch $@
