"""Receipts and fingerprints for people: digits in groups of five, never words.

Words are only for secrets a person types (docs/protocol.md).
"""

GROUP_DIGITS = 5
HASH_BYTES = 32


def digit_groups(digest: bytes, digits: int = 40) -> str:
    """Decimal digits of a SHA-256, in groups of five set apart by spaces.

    Shape: digest 32 bytes, read as a big-endian number modulo 10^digits; 40 digits carry 132 bits.
    Errors: ValueError for another length, or digits not a positive multiple of five up to 75.
    """
    if len(digest) != HASH_BYTES:
        raise ValueError("a digest is 32 bytes")
    if not 0 < digits <= 75 or digits % GROUP_DIGITS:
        raise ValueError("digits come in groups of five, at most 75")
    text = str(int.from_bytes(digest, "big") % 10**digits).zfill(digits)
    return " ".join(text[start : start + GROUP_DIGITS] for start in range(0, digits, GROUP_DIGITS))
