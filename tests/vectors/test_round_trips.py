"""Round trips both ways with three other implementations of age, at the sizes where chunks begin and end."""

import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pyrage  # type: ignore[import-untyped]  # it ships no stubs
import pytest
from sealing.age import open_bytes, seal_bytes
from sealing.armor import armor
from sealing.errors import CannotOpen
from sealing.identities import HybridIdentity, X25519Identity
from sealing.passphrase import ScryptIdentity, ScryptRecipient

SIZES = (0, 1, 65535, 65536, 65537, 131072, 196608)
RunNode = Callable[..., bytes]


def content(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def age(*args: str, stdin: bytes) -> bytes:
    command = shutil.which("age")
    assert command, "install age (apt)"
    return subprocess.run([command, *args], input=stdin, capture_output=True, check=True).stdout


@pytest.fixture
def identity_file(tmp_path: Path) -> tuple[X25519Identity, str]:
    identity = X25519Identity.generate()
    path = tmp_path / "identity.txt"
    path.write_text(f"{identity}\n")
    return identity, str(path)


@pytest.mark.parametrize("size", SIZES)
def test_age_command_opens_what_we_seal(identity_file: tuple[X25519Identity, str], size: int) -> None:
    identity, path = identity_file

    sealed = seal_bytes(content(size), [identity.recipient])

    assert age("-d", "-i", path, stdin=sealed) == content(size)
    assert age("-d", "-i", path, stdin=armor(sealed)) == content(size)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("options", [[], ["-a"]], ids=["binary", "armored"])
def test_we_open_what_the_age_command_seals(
    identity_file: tuple[X25519Identity, str], size: int, options: list[str]
) -> None:
    identity, _ = identity_file

    sealed = age(*options, "-r", str(identity.recipient), stdin=content(size))

    assert open_bytes(sealed, [identity]) == content(size)


@pytest.mark.parametrize("size", SIZES)
def test_pyrage_and_we_open_each_others_files(size: int) -> None:
    theirs, ours = pyrage.x25519.Identity.generate(), X25519Identity.generate()
    our_recipient = pyrage.x25519.Recipient.from_str(str(ours.recipient))
    from_us = seal_bytes(content(size), [ours.recipient])
    from_them = pyrage.encrypt(content(size), [our_recipient, theirs.to_public()])

    assert pyrage.decrypt(from_us, [pyrage.x25519.Identity.from_str(str(ours))]) == content(size)
    assert open_bytes(from_them, [ours]) == content(size)


def test_pyrage_and_we_open_each_others_passphrases() -> None:
    from_us = seal_bytes(b"identity", [ScryptRecipient("correct horse", log_n=12)])
    from_them = pyrage.passphrase.encrypt(b"identity", "correct horse")

    assert pyrage.passphrase.decrypt(from_us, "correct horse") == b"identity"
    assert open_bytes(from_them, [ScryptIdentity("correct horse")]) == b"identity"
    with pytest.raises(CannotOpen):
        open_bytes(from_us, [ScryptIdentity("correct horsf")])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", [HybridIdentity, X25519Identity], ids=["hybrid", "x25519"])
def test_age_encryption_opens_what_we_seal(
    run_node: RunNode, kind: type[HybridIdentity | X25519Identity], size: int
) -> None:
    identity = kind.generate()

    sealed = seal_bytes(content(size), [kind.generate().recipient, identity.recipient])

    assert run_node("age-encryption.mjs", "open", str(identity), stdin=sealed) == content(size)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", [HybridIdentity, X25519Identity], ids=["hybrid", "x25519"])
def test_we_open_what_age_encryption_seals(
    run_node: RunNode, kind: type[HybridIdentity | X25519Identity], size: int
) -> None:
    identity = kind.generate()

    sealed = run_node("age-encryption.mjs", "seal", str(identity.recipient), stdin=content(size))

    assert open_bytes(sealed, [identity]) == content(size)
