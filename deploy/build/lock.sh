#!/bin/sh
# Writes requirements.lock (what runs), -dev.lock (what tests, too), -build.lock (what builds our packages), -fuzz.lock and a lock for
# each image: names, versions and hashes, no addresses. Run after changing a dependency: `make lock`. Needs uv.
set -eu
cd "$(dirname "$0")/../.."
own=""
for file in libs/*/pyproject.toml services/*/pyproject.toml tools/*/pyproject.toml; do
    own="$own --no-emit-package $(sed -n 's/^name = "\(.*\)"/\1/p' "$file")"
done
lock() {
    # shellcheck disable=SC2086  # the package list is meant to be split
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        --no-header --no-annotate $own "$@" >/dev/null
}
lock pyproject.toml --group dev -o requirements-dev.lock
lock pyproject.toml -c requirements-dev.lock -o requirements.lock
lock --group build -c requirements-dev.lock -o requirements-build.lock
lock --group fuzz -c requirements-dev.lock -o requirements-fuzz.lock
for service in services/source-api services/journalist-api services/crypto-worker services/monitor-agent tools/ctl; do
    lock "$service/pyproject.toml" -c requirements.lock -o "deploy/images/locks/$(basename "$service").lock"
done
