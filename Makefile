# Everything runs through here; CI runs nothing that is not a target. Start: make report
# A variable that is not set is not passed on, so the defaults stand in one place: kpi report --help

PYTHON ?= python3
BIN := .venv/bin
SET_UP := @$(PYTHON) .ci/set_up.py
PROFILE ?= fast
PYTEST := HYPOTHESIS_PROFILE=$(PROFILE) $(BIN)/python -m pytest
STRIPPED := --keep-id --extra-keys "metadata.papermill cell.metadata.papermill"
EXPORT := $(BIN)/uv export --quiet --frozen --no-emit-project --no-header
# JupyterLab would look for news and for a newer version of itself.
ASKS_NOBODY := --LabApp.news_url=None \
  --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate --LabApp.extension_manager=readonly
option = $(if $(strip $($(2))),$(1) '$(subst ','\'',$(strip $($(2))))')

# Where bytecode is not kept, every page would compile all of pandas and matplotlib anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup ready report sample lab lint types notebooks strip test test-full pytest crash bench bench-exports fuzz lock font ci

help:  ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

report: ready  ## Pages of a month: make report MONTH=2025-05 TEAM=live PAGE_LANG=zh DATA=data/acme
	@$(BIN)/kpi report $(call option,--month,MONTH) $(call option,--team,TEAM) \
	  $(call option,--lang,PAGE_LANG) $(call option,--data,DATA) $(call option,--scheme,SCHEME) \
	  $(call option,--audience,AUDIENCE) $(call option,--notebook,NOTEBOOK) \
	  $(call option,--months,MONTHS) $(call option,--out,OUT) $(ARGS)

test: setup lint types notebooks pytest  ## Everything that CI asks, in under ten minutes

test-full: setup lint types notebooks  ## The same with many more random cases; takes long
	@$(MAKE) --no-print-directory pytest PROFILE=full

setup:  ## Make .venv ready for work on the kit
	$(SET_UP) --dev

ready:
	$(SET_UP)

lint: setup  ## Style of code, with ruff
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

types: setup  ## Types of the package, with mypy
	@$(BIN)/mypy

notebooks: setup  ## Notebooks are committed without output
	@$(BIN)/nbstripout --verify $(STRIPPED) notebooks/*.ipynb

strip: setup  ## Take the output out of the notebooks
	@$(BIN)/nbstripout $(STRIPPED) notebooks/*.ipynb

pytest: setup
	@$(PYTEST) -n 2 --dist worksteal -q $(ARGS)

crash: setup  ## Kill closings and reports at a hundred random moments each; some minutes
	@KPI_KILLS=100 $(PYTEST) -q tests/test_ledger.py tests/test_ledger_report.py -k random $(ARGS)

lab: setup  ## Open the notebooks in JupyterLab
	@$(BIN)/jupyter lab notebooks $(ASKS_NOBODY)

sample: ready  ## Make data/sample anew from its seed
	@$(BIN)/kpi sample

bench: setup  ## Measure the speeds that README claims
	@$(BIN)/python tests/benchmarks/speed.py

bench-exports: setup  ## Measure how fast a million order lines are read, beside bare reads
	@$(BIN)/python tests/benchmarks/exports.py

fuzz:  ## Feed the readers of exports thousands of damaged files
	@$(MAKE) --no-print-directory pytest PROFILE=full ARGS=tests/test_exports_fuzz.py

lock: setup  ## Write the locks from pyproject.toml; newest versions: make lock ARGS=--upgrade
	@$(BIN)/uv lock $(ARGS)
	@$(EXPORT) --no-dev --output-file requirements.lock
	@$(EXPORT) --only-dev --no-emit-package uv --output-file requirements-dev.lock

font: setup  ## Cut the font of the pages anew (needs Debian's fonts-noto-cjk)
	@$(BIN)/python .ci/make_font.py

ci:  ## What CI runs
	@bash .ci/run
