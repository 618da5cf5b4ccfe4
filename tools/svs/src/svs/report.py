"""What the tool prints about an opened file. Pure: facts in, lines out. Everything foreign is made visible first."""

from collections.abc import Iterator

from svs.opening import Opened
from svs.station import Acquaintance
from svs.terminal import MARK, quoted, visible

_KINDS = {"message": "message", "file": "file", "reply": "reply of the newsroom"}


def lines_of(sealed: str, opened: Opened) -> Iterator[str]:
    """The report on one file, ending with the text if it has one."""
    yield visible(sealed)
    yield from _receipt_lines(opened)
    yield _line("kind", _KINDS[opened.manifest.kind])
    if opened.manifest.name is not None:
        yield _line("name", visible(opened.manifest.name))
    yield _line("saved as", visible(str(opened.path)))
    if opened.text is not None:
        yield _line("text", "")
        yield quoted(opened.text)
    if opened.is_text_cut:
        yield f"{MARK.rstrip()} … the rest is in the file only"


def warnings_of(opened: Opened) -> Iterator[str]:
    """What somebody must look into, although the file was opened."""
    if opened.acquaintance is Acquaintance.CHANGED:
        yield (
            "This item names another reply recipient than the source's first item."
            " Replies still go to the first one. Somebody may be posing as the source: tell your administrator."
        )
    if opened.has_foreign_recipients:
        yield (
            "The receipt names other keys than this station's keyset, so others may be able to open this file."
            " Tell your administrator before you send anything to this newsroom's servers again."
        )


def _receipt_lines(opened: Opened) -> Iterator[str]:
    if opened.proof is None:
        yield _line("receipt", "NONE: NOT VERIFIED. Anybody could have made this file, or replaced it.")
        return
    receipt, item = opened.proof.receipt, opened.proof.item
    place = f"item {item.position} of this conversation, keyset generation {receipt.keyset_generation}"
    yield _line("receipt", f"verified: {place}")
    yield _line("worker", receipt.worker)
    yield _line("source", str(receipt.source_id))
    if opened.acquaintance is not None:
        yield _line("reply key", opened.acquaintance.value)


def _line(label: str, value: str) -> str:
    return f"  {label:<10} {value}".rstrip()
