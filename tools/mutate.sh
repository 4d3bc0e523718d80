#!/usr/bin/env bash
# Mutation run on the monthly arithmetic and the full-year total: how many small wrong changes do the tests see?
# Works on a copy below .cache; cosmic-ray has an environment of its own there. Ends with the share killed
# and exit code 1 below the target. `tools/mutate.sh` takes about ten minutes of one core.
set -euo pipefail
cd "$(dirname "$0")/.."
target=85 work=.cache/mutation venv=.cache/mutation-venv
if [ ! -x $venv/bin/cosmic-ray ]; then
  .venv/bin/uv venv --quiet $venv
  .venv/bin/uv pip install --quiet --python $venv/bin/python cosmic-ray==8.7.0
fi
rm -rf $work && mkdir -p $work
cp -r src tests pyproject.toml $work/
root=$PWD
cd $work
export PYTEST_DISABLE_PLUGIN_AUTOLOAD=1
export PYTHONPATH=$PWD/src PYTHONDONTWRITEBYTECODE=1 OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
killed=0 all=0
run() { # module, then the tests that hold it
  local module=$1 name; name=$(basename "$1" .py); shift
  cat > "$name.toml" <<TOML
[cosmic-ray]
module-path = "$module"
timeout = 60.0
excluded-modules = []
test-command = "$root/.venv/bin/python -m pytest -x -q --noconftest -p no:cacheprovider $*"
[cosmic-ray.distributor]
name = "local"
TOML
  "$root/$venv/bin/cosmic-ray" baseline "$name.toml"
  "$root/$venv/bin/cosmic-ray" init "$name.toml" "$name.sqlite" 2>/dev/null
  "$root/$venv/bin/cosmic-ray" exec "$name.toml" "$name.sqlite"
  "$root/$venv/bin/cr-report" "$name.sqlite" --show-diff --surviving-only > "$name.survivors.txt" || true
  "$root/$venv/bin/cosmic-ray" dump "$name.sqlite" > "$name.jsonl"
  local mutants survivors
  mutants=$(wc -l < "$name.jsonl")
  survivors=$(grep -c '"test_outcome": "survived"' "$name.jsonl" || true)
  echo "$module: $((mutants - survivors)) of $mutants mutants killed; survivors in $work/$name.survivors.txt"
  killed=$((killed + mutants - survivors)) all=$((all + mutants))
}
run src/chipexports/clean/arithmetic.py tests/test_clean_amounts.py
run src/chipexports/forecast/distribution.py tests/test_distribution.py
echo "killed: $killed of $all, $((100 * killed / all)) % (target $target %)"
[ $((100 * killed)) -ge $((target * all)) ]
