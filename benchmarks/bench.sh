#!/usr/bin/env bash
# The engine beside public forecasters, in an environment of the peers' own (.cache/bench-venv).
# The environment is made anew only when benchmarks/requirements.lock changes.
set -euo pipefail
cd "$(dirname "$0")/.."
lock=benchmarks/requirements.lock venv=.cache/bench-venv
python=${PYTHON:-python3}
want=$( (cat "$lock"; "$python" --version) | sha256sum | cut -d' ' -f1)
if [ "$(cat $venv/.stamp 2>/dev/null || true)" != "$want" ]; then
  echo "bench: making $venv from $lock (once; about a minute)"
  rm -rf "$venv"
  "$python" -m venv "$venv"
  if [ -x .venv/bin/uv ]; then
    VIRTUAL_ENV=$PWD/$venv .venv/bin/uv pip install --quiet --no-deps --require-hashes --compile-bytecode -r "$lock"
  else
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$lock"
  fi
  echo "$want" > "$venv/.stamp"
fi
# one core: the seconds of all are of one thread
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
PYTHONPATH=src exec "$venv/bin/python" benchmarks/bench.py "$@"
