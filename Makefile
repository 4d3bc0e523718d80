# One line per target: `make help`. Every target sets up .venv first; that is redone only when the lock changes.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PY := .venv/bin/python
# one BLAS thread: small fits are four times slower with two when two processes run
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1

# on loopback, with a token; the kernel is started and the notebook run before the first visitor comes
# (plotly's extension for outputs is left out: the page's chart is a widget and brings what it needs)
VOILA := --Voila.ip=127.0.0.1 --token --template=chipexports --preheat_kernel=True \
	--VoilaConfiguration.extension_denylist=jupyterlab-plotly

.PHONY: help setup report test test-long coverage mutate lint format lab app bench readme zh notebooks figures contact lock sbom clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## make .venv from requirements.lock (the others do it by themselves)
	@tools/setup.sh

report: setup ## the main job: the full-year forecast of params/latest.yaml
	@$(PY) -m chipexports run params/latest.yaml

release: setup ## pack the newest run into one archive with checksums
	@$(PY) -m chipexports release latest

test: setup ## run the tests
	@$(PY) -m pytest -n 2 --dist loadfile

test-long: setup ## run the tests that take long as well (fuzzing, kills, mutation of inputs)
	@$(PY) -m pytest -n 2 --dist loadfile -m "slow or not slow"

coverage: setup ## run the tests and count the lines they reach
	@$(PY) -m pytest -n 2 --dist loadfile --cov --cov-report=term

mutate: setup ## count how many wrong changes of arithmetic and total the tests see
	@tools/mutate.sh

lint: setup ## check style, types and notebooks
	@$(PY) -m pre_commit run --all-files --color never

format: setup ## mend what the formatter can
	@$(PY) -m ruff check --fix -q . ; $(PY) -m ruff format -q .

lab: setup ## JupyterLab on loopback with a token, README beside notebook 06
	@$(PY) -m chipexports.lab.lab

app: setup ## the sliders of explore_forecast as a page, on loopback (SET=my-question: on that set)
	@CHIPEXPORTS_SET=$(SET) JUPYTER_PATH=tools/jupyter $(PY) -m voila notebooks/explore_forecast.ipynb $(VOILA)

bench: setup ## accuracy beside public tools, in an environment of its own (PANEL=file.csv: on its leaves too)
	@benchmarks/bench.sh $(PANEL)

readme: setup ## regenerate the computed parts of the READMEs and docs/data.md
	@$(PY) tools/readme.py && $(PY) tools/data_doc.py

zh: setup ## build notebooks/zh from the English notebooks and notebooks/zh.yml
	@$(PY) tools/zh.py

notebooks: setup ## put the executed notebooks of the set latest into docs/notebooks
	@$(PY) tools/ship_notebooks.py

figures: setup ## make the figures that come with the repository, in both languages
	@$(PY) tools/ship_figures.py

contact: setup ## put all figures of a run on one page, at three widths, in both languages: RUN=latest
	@$(PY) -m chipexports.charts.contact_sheet $(or $(RUN),latest)

lock: setup ## renew requirements.lock and environment.yml from requirements.in
	@$(PY) tools/lock.py

sbom: setup ## write the software bill of materials (CycloneDX) to artifacts/sbom.json
	@mkdir -p artifacts && $(PY) -m cyclonedx_py requirements requirements.lock --of JSON -o artifacts/sbom.json

clean: ## remove what runs and tests made; data/raw and .venv stay
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .cache artifacts
	@find data/processed figures reports -mindepth 1 -maxdepth 1 ! -name .gitkeep -exec git check-ignore -q {} \; -exec rm -rf {} +
