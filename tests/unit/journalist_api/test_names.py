"""A download's name is ours, whatever the database says."""

from uuid import uuid4

import pytest
from journalist_api.names import attachment, file_name, receipt_name
from journalist_api.store import Item, StoredItem


def stored(designation: str, kind: str) -> StoredItem:
    return StoredItem(Item(uuid4(), uuid4(), kind, 3, 16_384, 20_000, b"x" * 32), b"header", designation)


def test_a_download_is_named_after_its_source_position_and_kind() -> None:
    assert file_name(stored("Amber Falcon", "file")) == "amber-falcon-3-file.age"
    assert receipt_name(stored("Amber Falcon", "reply")) == "amber-falcon-3-reply.receipt"


@pytest.mark.parametrize("word", ['x"; filename="a.exe', "x\r\nset-cookie: a=b", "../../x", "", "é" * 9, "a" * 999])
def test_no_word_of_the_database_breaks_out_of_the_name(word: str) -> None:
    header = attachment(file_name(stored(word, word)))

    name = header.removeprefix('attachment; filename="').removesuffix('"')
    assert name.isascii()
    assert len(name) < 160
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")
    assert name.endswith(".age")
    assert name.count(".") == 1
