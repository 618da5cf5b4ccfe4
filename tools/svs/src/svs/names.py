"""A file name from a stranger becomes a file name for this machine. Pure.

Theory: the name is data. Whatever it says, the answer is one path component: no separator, no control or direction
character, no leading dot or dash, nothing an operating system treats as a device, and short enough for every file
system. The extension stays, because people and programs choose by it.
"""

import re
import unicodedata
from typing import Final

#: File systems allow 255 bytes; some room is kept for a number behind the stem.
MOST_NAME_BYTES: Final = 200
_MOST_EXTENSION_BYTES: Final = 20
#: Separators, and what VFAT and NTFS (transfer sticks) cannot hold.
_FORBIDDEN: Final = frozenset('/\\<>:"|?*')
_DROPPED: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_DEVICES: Final = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)


def safe_name(original: str | None, fallback: str) -> str:
    """One path component of at most MOST_NAME_BYTES in UTF-8. `fallback` is returned when nothing usable is left."""
    name = unicodedata.normalize("NFC", original or "")
    name = "".join(_kept(character) for character in name)
    name = " ".join(name.split()).strip(". ")
    if not name.strip("_"):
        return fallback
    if name.startswith(("-", "~")) or _DEVICES.fullmatch(name):
        name = "_" + name
    stem, extension = split_extension(name)
    return _cut(stem, MOST_NAME_BYTES - len(extension.encode())).rstrip(". ") + extension


def numbered(name: str, number: int) -> str:
    """The same name with a number behind the stem: `report (2).pdf`."""
    stem, extension = split_extension(name)
    return f"{stem} ({number}){extension}"


def split_extension(name: str) -> tuple[str, str]:
    """Stem and extension with its dot; no extension when it is too long to be one, or has more than letters."""
    stem, dot, extension = name.rpartition(".")
    is_one = stem and extension.isalnum() and len(extension.encode()) <= _MOST_EXTENSION_BYTES
    return (stem, dot + extension) if is_one else (name, "")


def _kept(character: str) -> str:
    category = unicodedata.category(character)
    if character in _FORBIDDEN:
        return "_"
    if category in _DROPPED:
        return " " if character in "\t\n\r\v\f\u2028\u2029" else ""
    return " " if category == "Zs" else character


def _cut(text: str, most_bytes: int) -> str:
    """The longest beginning that fits, without half a character."""
    return text.encode()[:most_bytes].decode(errors="ignore")
