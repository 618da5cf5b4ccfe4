#!/bin/sh
# Every check that reads the code without running it. All run, even when one fails.
set -u
cd "$(dirname "$0")/../.."
failed=0
check() {
    echo "== $*"
    "$@" || failed=1
}
check .venv/bin/ruff check .
check .venv/bin/ruff format --check .
# shellcheck disable=SC2046  # a list of directories; not all hold Python yet
check .venv/bin/mypy $(git ls-files '*.py' | cut -d/ -f1 | sort -u)
check .venv/bin/lint-imports --no-cache
for project in $(git ls-files '*tsconfig.json'); do
    check deploy/build/node.sh npm --prefix "$(dirname "$project")" run --silent check
done
exit $failed
