"""What a thief of the database can put in an order, for each of some sources that sent one message each."""

from typing import Final

from tests.stack.system import System

#: One line for each source: its id, and the trace. `ctid` as block and line; the rest as text or number.
TRACES: Final = {
    "source id": "SELECT s.id, s.id FROM sealdrop.source s",
    "designation": "SELECT s.id, s.designation FROM sealdrop.source s",
    "lookup id": "SELECT s.id, s.lookup_id FROM sealdrop.source s",
    "submission id": "SELECT r.source_id, r.submission_id FROM sealdrop.receipt r",
    "item id": "SELECT i.source_id, i.id FROM sealdrop.item i",
    "source row": "SELECT s.id, s.ctid FROM sealdrop.source s",
    "item row": "SELECT i.source_id, i.ctid FROM sealdrop.item i",
    "receipt row": "SELECT r.source_id, r.ctid FROM sealdrop.receipt r",
    "chunk row": "SELECT i.source_id, c.ctid FROM sealdrop.item i JOIN sealdrop.vault_chunk c ON c.item_id = i.id",
    "source version": "SELECT s.id, s.xmin FROM sealdrop.source s",
    "item version": "SELECT i.source_id, i.xmin FROM sealdrop.item i",
    "receipt version": "SELECT r.source_id, r.xmin FROM sealdrop.receipt r",
    "chunk version": "SELECT i.source_id, c.xmin FROM sealdrop.item i JOIN sealdrop.vault_chunk c ON c.item_id = i.id",
}
#: These three are of a chunk's value outside its row, found again by its first bytes.
STORED_VALUE: Final = (
    "SELECT i.source_id, t.{column} FROM sealdrop.item i JOIN sealdrop.vault_chunk c ON c.item_id = i.id"
    " JOIN {table} t ON t.chunk_seq = 0 AND substring(t.chunk_data, 1, 64) = substring(c.sealed, 1, 64)"
)
VALUE_TABLE: Final = "SELECT reltoastrelid::regclass FROM pg_class WHERE oid = 'sealdrop.vault_chunk'::regclass"

Key = tuple[int, ...] | str


def traces(system: System) -> dict[str, dict[str, Key]]:
    """By name of the trace, then by source id: something that can be put in order."""
    table = system.sql(VALUE_TABLE)
    columns = {"value number": "chunk_id", "value row": "ctid", "value version": "xmin"}
    queries = TRACES | {name: STORED_VALUE.format(column=column, table=table) for name, column in columns.items()}
    return {name: dict(_line(line) for line in system.sql(query).splitlines()) for name, query in queries.items()}


def _line(line: str) -> tuple[str, Key]:
    source_id, text = line.split("|")
    if text.startswith("("):
        return source_id, tuple(map(int, text.strip("()").split(",")))
    return source_id, (int(text),) if text.isdecimal() and len(text) < 20 else text
