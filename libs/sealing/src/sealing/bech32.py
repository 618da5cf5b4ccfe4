"""Bech32 text for keys, without the length limit of BIP 173 (a hybrid recipient has 1959 characters).

Source: BIP 173; age v1 uses it for recipients (lower case) and identities (upper case).
"""

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUE = {letter: value for value, letter in enumerate(_ALPHABET)}
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM_LETTERS = 6
_MOST_LETTERS = 8192


def encode(prefix: str, raw: bytes) -> str:
    """Lower-case bech32 of `raw` under a lower-case prefix."""
    values = _regroup(raw, 8, 5, pad=True)
    check = _polymod([*_expand(prefix), *values, *[0] * _CHECKSUM_LETTERS]) ^ 1
    values += [(check >> 5 * (5 - place)) & 31 for place in range(_CHECKSUM_LETTERS)]
    return prefix + "1" + "".join(_ALPHABET[value] for value in values)


def decode(text: str) -> tuple[str, bytes]:
    """Lower-case prefix and the raw bytes. Errors: ValueError for mixed case, bad letters, checksum or padding."""
    lowered = text.lower()
    if len(text) > _MOST_LETTERS or text not in (lowered, text.upper()) or not text.isascii():
        raise ValueError("not bech32: case, length or letters")
    prefix, mark, body = lowered.rpartition("1")
    if not mark or not prefix or len(body) < _CHECKSUM_LETTERS:
        raise ValueError("not bech32: no prefix or no checksum")
    if any(not 33 <= ord(letter) <= 126 for letter in prefix) or any(letter not in _VALUE for letter in body):
        raise ValueError("not bech32: letters")
    values = [_VALUE[letter] for letter in body]
    if _polymod([*_expand(prefix), *values]) != 1:
        raise ValueError("not bech32: checksum")
    return prefix, bytes(_regroup(values[:-_CHECKSUM_LETTERS], 5, 8, pad=False))


def _expand(prefix: str) -> list[int]:
    return [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATOR):
            if top >> bit & 1:
                check ^= generator
    return check


def _regroup(values: bytes | list[int], from_bits: int, to_bits: int, *, pad: bool) -> list[int]:
    held, bits, out = 0, 0, []
    for value in values:
        held = (held << from_bits | value) & 0xFFFF
        bits += from_bits
        while bits >= to_bits:
            bits -= to_bits
            out.append(held >> bits & ((1 << to_bits) - 1))
    left = held & ((1 << bits) - 1)
    if pad and bits:
        out.append(left << (to_bits - bits))
    elif not pad and (bits >= from_bits or left):
        raise ValueError("not bech32: padding")
    return out
