"""Manifests: read back, safe for any name a browser sends, refused in any other shape."""

import json
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sealing.errors import CannotOpen
from sealing.manifest import Manifest

MANIFEST = Manifest(item_id=UUID(int=1), kind="file", reply_recipient="age1pq1x", name="Übersicht 📄.pdf")
ANY_NAME = st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=50)


def test_manifest_reads_back_and_holds_no_time_and_no_size() -> None:
    raw = MANIFEST.to_json()

    assert Manifest.from_json(raw) == MANIFEST
    assert set(json.loads(raw)) == {"v", "item_id", "kind", "reply_recipient", "name"}
    assert "Übersicht 📄".encode() in raw


@pytest.mark.parametrize(
    ("kind", "name"),
    [("message", "content/message.txt"), ("reply", "content/message.txt"), ("file", "content/file.bin")],
)
def test_content_has_a_fixed_name(kind: str, name: str) -> None:
    manifest = Manifest(item_id=UUID(int=1), kind=kind, reply_recipient="", name="../../evil")
    assert manifest.content_name == name


@given(ANY_NAME)
def test_any_name_becomes_valid_utf_8(name: str) -> None:
    manifest = Manifest(item_id=UUID(int=1), kind="file", reply_recipient="r", name=name)

    read = Manifest.from_json(manifest.to_json())

    assert read.name is not None
    read.name.encode()


def test_lone_surrogates_are_replaced_and_endless_names_cut() -> None:
    for name, safe in [("a\udc80b", "a\ufffdb"), ("\ud83d\udcc4", "📄"), ("x" * 5000, "x" * 1024)]:
        manifest = Manifest(item_id=UUID(int=1), kind="file", reply_recipient="r", name=name)
        assert Manifest.from_json(manifest.to_json()).name == safe


def test_item_without_a_name_says_null() -> None:
    manifest = Manifest(item_id=UUID(int=1), kind="message", reply_recipient="r", name=None)
    assert Manifest.from_json(manifest.to_json()).name is None


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"v": True},
        {"kind": "picture"},
        {"item_id": "x"},
        {"reply_recipient": "\ud800"},
        {"item_id": 1},
        {"reply_recipient": None},
        {"name": 1},
        {"name": "x" * 1025},
        {"name": "\ud800"},
        {"time": 1},
    ],
    ids=str,
)
def test_manifest_of_another_shape_is_refused(change: dict[str, object]) -> None:
    body = {**json.loads(MANIFEST.to_json()), **change}
    with pytest.raises(CannotOpen):
        Manifest.from_json(json.dumps(body).encode())


@pytest.mark.parametrize("raw", [b"", b"[]", b"1", b"{}", b"\xff", b"[" * 60_000, b" " * 70_000])
def test_what_is_no_manifest_is_refused(raw: bytes) -> None:
    with pytest.raises(CannotOpen):
        Manifest.from_json(raw)


def test_unknown_kind_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="message, a file or a reply"):
        Manifest(item_id=UUID(int=1), kind="picture", reply_recipient="", name=None)
