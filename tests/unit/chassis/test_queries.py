"""Named statements."""

import pytest
from chassis.queries import Queries, QueriesError

TEXT = """
-- Statements of an example. Comments before the first name are free.
-- name: find_source
SELECT source_id
FROM source_find($1);

-- name: sweep
SELECT worker_sweep()
"""


def test_statements_are_found_by_name() -> None:
    queries = Queries.parse(TEXT)

    assert list(queries) == ["find_source", "sweep"]
    assert queries["find_source"] == "SELECT source_id\nFROM source_find($1)"


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(QueriesError):
        Queries.parse(TEXT)["drop_everything"]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1;\n-- name: a\nSELECT 2",
        "-- name: a\n",
        "-- name: a\nSELECT 1\n-- name: a\nSELECT 2",
        "-- name: A-b\nSELECT 1",
    ],
)
def test_a_malformed_file_is_refused(text: str) -> None:
    with pytest.raises(QueriesError):
        Queries.parse(text)
