#!/bin/sh
# Makes .venv and keeps it up to date: what runs (`run`), or that and what tests (`dev`). Every package comes by name,
# version and hash from the lock files; our own are installed editable. Quick when nothing changed.
set -eu
cd "$(dirname "$0")/../.."
want=${1:-run}

find_python() {
    # Debian's own first: another one may live in a home directory that an unprivileged user cannot read.
    for python in ${PYTHON:-} /usr/bin/python3 python3; do
        command -v "$python" >/dev/null && "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' && return
    done
    echo "Sealdrop needs Python 3.11 or newer." >&2
    exit 1
}

ensure_venv_module() {
    "$python" -c 'import venv, ensurepip' 2>/dev/null && return
    if [ "$(id -u)" != 0 ]; then
        echo "Python's venv module is missing. As root:  apt-get install python3-venv" >&2
        exit 1
    fi
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
}

stamp_of() { cat requirements*.lock pyproject.toml libs/*/pyproject.toml services/*/pyproject.toml tools/*/pyproject.toml | sha256sum | cut -d' ' -f1; }

now=$(stamp_of)
for done_before in dev "$want"; do
    [ "$(cat ".venv/stamp-$done_before" 2>/dev/null)" = "$now" ] && exit 0
done
if [ ! -x .venv/bin/python ]; then
    find_python
    ensure_venv_module
    "$python" -m venv .venv
fi
locks="-r requirements-build.lock -r requirements.lock"
[ "$want" = dev ] && locks="-r requirements-dev.lock"
pip=".venv/bin/python -m pip --disable-pip-version-check install --quiet --no-deps"
echo "Installing Python packages into .venv (a minute or two the first time) ..." >&2
# shellcheck disable=SC2086  # both lists are meant to be split
$pip --require-hashes $locks
own=""
for file in libs/*/pyproject.toml services/*/pyproject.toml tools/*/pyproject.toml; do own="$own -e $(dirname "$file")"; done
# shellcheck disable=SC2086
$pip --no-build-isolation $own
rm -f .venv/stamp-*
echo "$now" >".venv/stamp-$want"
