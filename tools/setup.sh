#!/usr/bin/env bash
# Make .venv from requirements.lock; done once, redone only when the lock or Python changes (a changed
# pyproject.toml only installs the package itself anew). Each stamp is written after its step, so an
# interrupted set-up is repeated. A lock file keeps two at once apart.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
command -v "$python" >/dev/null || { echo "set-up: no $python found; install Python 3.11 to 3.13" >&2; exit 2; }
"$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || {
  echo "set-up: $("$python" --version) is not supported; use Python 3.11 to 3.13, e.g. make PYTHON=python3.11 ..." >&2; exit 2; }
mkdir -p .cache
exec 9>.cache/setup.lock
if command -v flock >/dev/null; then flock 9; fi
lock=$( (cat requirements.lock; "$python" --version) | sha256sum | cut -d' ' -f1)
package=$(cat pyproject.toml requirements.in | sha256sum | cut -d' ' -f1)
stamp() { cat ".venv/.stamp-$1" 2>/dev/null || true; }

if [ "$(stamp lock)" != "$lock" ]; then
  echo "set-up: making .venv from requirements.lock (once; about a minute)"
  # the stamps first: a removal that is interrupted must not leave half a .venv that looks done
  rm -f .venv/.stamp-*
  rm -rf .venv
  "$python" -m venv .venv || { echo "set-up: 'python3 -m venv' failed; on Debian: apt-get install python3-venv" >&2; rm -rf .venv; exit 1; }
  # uv itself comes out of the lock, by hash; where it cannot be had, pip installs the same lock
  awk '/^uv==/{on=1} on{print} on&&!/\\$/{exit}' requirements.lock > .cache/uv.lock
  pip=(.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes)
  if "${pip[@]}" -r .cache/uv.lock; then
    VIRTUAL_ENV=$PWD/.venv .venv/bin/uv pip install --quiet --no-deps --require-hashes --compile-bytecode -r requirements.lock
  else
    echo "set-up: uv is not to be had, pip installs the lock (slower)"
    "${pip[@]}" -r requirements.lock
  fi
  echo "$lock" > .venv/.stamp-lock
fi
if [ "$(stamp package)" != "$package" ]; then
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
  echo "$package" > .venv/.stamp-package
fi
