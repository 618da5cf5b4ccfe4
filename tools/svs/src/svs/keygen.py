"""Makes a station's keys: the identity submissions are sealed to, the newsroom root key, and the signed keyset."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from sealing.digits import digit_groups
from sealing.identities import HybridIdentity
from sealing.keyset import Keyset, sign_keyset
from sealing.passphrase import DEFAULT_LOG_N
from sealing.signing import SigningKey

from svs.errors import CannotUse
from svs.files import sync_directory, write_new
from svs.seals import protect
from svs.station import IDENTITY, KEYSET, ROOT_KEY, ROOT_PUBLIC


@dataclass(frozen=True, slots=True)
class NewStation:
    """What may be shown of the keys: public halves, and digits to compare by reading aloud."""

    root_public: str
    root_digits: str
    keyset_digits: str


def refuse_used(directory: Path) -> None:
    """Errors: CannotUse if the directory holds any key already; nothing is ever overwritten."""
    found = [name for name in (IDENTITY, ROOT_KEY, ROOT_PUBLIC, KEYSET) if (directory / name).exists()]
    if found:
        raise CannotUse(f"{directory} holds keys already ({', '.join(found)}). Nothing was changed.")


def make_station(
    directory: Path, newsroom: str, generation: int, passphrase: str, log_n: int = DEFAULT_LOG_N
) -> NewStation:
    """Writes identity.age, root.age, root.pub and keyset.json; all four or none.

    Errors: CannotUse if any is there, BadKeyset for a newsroom's name or generation that no keyset can have.
    """
    identity, root = HybridIdentity.generate(), SigningKey.generate()
    keyset = sign_keyset(root, Keyset(generation, (identity.recipient,), None, None, newsroom))
    files = {
        IDENTITY: protect(_identity_text(identity), passphrase, log_n),
        ROOT_KEY: protect(f"{root.seed.hex()}\n".encode(), passphrase, log_n),
        ROOT_PUBLIC: f"{root.hex}\n".encode(),
        KEYSET: keyset,
    }
    refuse_used(directory)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write_all(directory, files)
    return NewStation(root.hex, _digits(root.public), _digits(keyset))


def _write_all(directory: Path, files: dict[str, bytes]) -> None:
    written: list[Path] = []
    try:
        for name, content in files.items():
            write_new(directory / name, content)
            written.append(directory / name)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    sync_directory(directory)


def _identity_text(identity: HybridIdentity) -> bytes:
    """As age-keygen writes it, so that stock tools read it."""
    return f"# public key: {identity.recipient}\n{identity}\n".encode()


def _digits(public: bytes) -> str:
    return digit_groups(hashlib.sha256(public).digest())
