"""Small changes to valid input: to bytes anywhere but mostly where something stands, and to the values of JSON."""

import json
from random import Random
from typing import Any, Final

VALUES: Final[tuple[object, ...]] = (
    *(None, True, False, 0, -1, 1, 2**63, 10**40, 1.5, 1e308, "", "\x00", "\ud800", "x" * 300, "é", [], {}, [[]]),
    *([None], {"a": {}}, "0" * 64, "00000000-0000-0000-0000-000000000000", "age1", ["a"] * 40, "message", "1"),
)
WORDS: Final = (
    *(b"\x00", b"\xff" * 4, b"\xff" * 8, b"\x00" * 8, b"\x01\x00", b"\n", b"\r\n", b" ", b"=", b"{", b"[", b"9" * 30),
    *(b"-> ", b"--- ", b"-----", b"-> scrypt a 22\n", b"-> X25519 A\n", b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06"),
)


def edit(draw: Random, valid: bytes) -> bytes:
    """One to eight changes."""
    try:
        parsed = json.loads(valid)
    except (ValueError, RecursionError):
        parsed = None
    if isinstance(parsed, dict) and draw.random() < 0.8:
        return json.dumps(_edited(draw, parsed)).encode()
    body = bytearray(valid)
    for _ in range(draw.randrange(1, 9)):
        _change(draw, body)
    return bytes(body)


def _edited(draw: Random, value: Any) -> Any:
    """One value somewhere inside replaced, left out or added."""
    if isinstance(value, dict) and value and draw.random() < 0.8:
        key = draw.choice(sorted(value))
        changed = {**value, key: _edited(draw, value[key])}
        if draw.random() < 0.1:
            del changed[key]
        return {**changed, "more": 1} if draw.random() < 0.1 else changed
    if isinstance(value, list) and value and draw.random() < 0.8:
        place = draw.randrange(len(value))
        return [*value[:place], _edited(draw, value[place]), *value[place + draw.randrange(2) :]]
    if isinstance(value, str) and value and draw.random() < 0.3:
        place = draw.randrange(len(value))
        return value[:place] + draw.choice("aZ0 \n\x00é=") + value[place + 1 :]
    return draw.choice(VALUES)


def _change(draw: Random, body: bytearray) -> None:
    place = _place(draw, body)
    until = min(len(body), place + draw.choice((1, 2, 4, 30, 1000)))
    match draw.randrange(6):
        case 0 if place < len(body):
            body[place] ^= 1 << draw.randrange(8)
        case 1:
            body[place:place] = draw.choice(WORDS)
        case 2:
            word = draw.choice(WORDS)
            body[place : place + len(word)] = word
        case 3:
            del body[place:until]
        case 4:
            body[place:place] = body[place:until] * draw.choice((1, 3, 40))
        case _:
            del body[place:]


def _place(draw: Random, body: bytearray) -> int:
    """Anywhere; of eight tries the first that does not point at padding."""
    place = draw.randrange(len(body) + 1)
    for _ in range(8):
        if place < len(body) and body[place]:
            break
        place = draw.randrange(len(body) + 1)
    return place
