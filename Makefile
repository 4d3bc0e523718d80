# One line per target: `make help`. Every target sets up .venv first; that is redone only when the lock changes.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PY := .venv/bin/python
# one BLAS thread: small fits are four times slower with two when two processes run
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1

.PHONY: help setup report test lint lock lab clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## make .venv from requirements.lock (the others do it by themselves)
	@tools/setup.sh

report: setup ## the main job: the full-year forecast of params/latest.yaml
	@$(PY) -m chipexports run params/latest.yaml

test: setup ## run the tests
	@$(PY) -m pytest -n 2

lint: setup ## check style, types and notebooks
	@$(PY) -m ruff check . && $(PY) -m ruff format --check . && $(PY) -m mypy

lab: setup ## JupyterLab on loopback with a token, opened at notebooks/
	@$(PY) -m jupyter lab --ServerApp.ip=127.0.0.1 --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/notebooks

lock: setup ## renew requirements.lock and environment.yml from requirements.in
	@$(PY) tools/lock.py

clean: ## remove what runs and tests made; data/raw and .venv stay
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .cache artifacts
	@find data/processed figures reports -mindepth 1 -maxdepth 1 ! -name .gitkeep -exec git check-ignore -q {} \; -exec rm -rf {} +
