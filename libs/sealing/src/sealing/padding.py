"""Size classes: the few lengths a sealed item may have, so that its true size is hidden.

Theory: Padmé lets a length keep only its top bits; at most 12 % is added, and a length of n leaks O(log log n) bits.
Source: Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs" (2019), 4.3.
"""

MESSAGE_BYTES = 16 * 1024
SMALLEST_FILE_BYTES = 64 * 1024
KINDS = ("message", "file", "reply")


def padme(length: int) -> int:
    """The smallest Padmé length that is not below `length`. Both in bytes. Errors: ValueError below zero."""
    if length < 0:
        raise ValueError("a length is not negative")
    if length < 2:
        return length
    exponent = length.bit_length() - 1
    mask = (1 << (exponent - exponent.bit_length())) - 1
    return (length + mask) & ~mask


def size_class(kind: str, zip_bytes: int) -> int:
    """The total ZIP length an item of so many bytes is padded to.

    Messages and replies take 16 KiB where they fit; all else takes Padmé from 64 KiB. Errors: ValueError for a kind.
    """
    if kind not in KINDS:
        raise ValueError("an item is a message, a file or a reply")
    if kind != "file" and zip_bytes <= MESSAGE_BYTES:
        return MESSAGE_BYTES
    return padme(max(zip_bytes, SMALLEST_FILE_BYTES))


def is_size_class(kind: str, zip_bytes: int) -> bool:
    """Whether an honest sealer makes ZIPs of this length. Errors: ValueError for a kind."""
    return zip_bytes > 0 and size_class(kind, zip_bytes) == zip_bytes
