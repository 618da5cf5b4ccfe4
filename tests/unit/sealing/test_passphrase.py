"""Passphrases: they open what they sealed, within the work this machine affords."""

import pytest
from sealing.age import open_bytes, seal_bytes
from sealing.errors import CannotOpen, HeaderFailure
from sealing.identities import HybridIdentity
from sealing.passphrase import ScryptIdentity, ScryptRecipient
from sealing.secrets import FileKey
from sealing.stanza import Stanza

FILE_KEY = FileKey(bytes(16))


def test_an_identity_at_rest_opens_with_its_passphrase_only() -> None:
    identity = HybridIdentity.generate()

    sealed = seal_bytes(str(identity).encode(), [ScryptRecipient("correct horse", log_n=10)])

    assert open_bytes(sealed, [ScryptIdentity("correct horse")]).decode() == str(identity)
    with pytest.raises(CannotOpen):
        open_bytes(sealed, [ScryptIdentity("correct horse ")])
    with pytest.raises(CannotOpen):
        open_bytes(sealed, [identity])


def test_default_work_factor_is_18() -> None:
    assert ScryptRecipient("x").log_n == 18


def test_work_factor_above_the_limit_is_refused_before_it_is_spent() -> None:
    stanza = ScryptRecipient("x", log_n=11).wrap(FILE_KEY)

    with pytest.raises(HeaderFailure):
        ScryptIdentity("x", most_log_n=10).unwrap([stanza])
    assert ScryptIdentity("x", most_log_n=11).unwrap([stanza]) is not None


@pytest.mark.parametrize("log_n", ["0", "01", "+9", "9 ", "1e1", "", "100", "٣"])
def test_work_factor_in_another_spelling_is_refused(log_n: str) -> None:
    good = ScryptRecipient("x", log_n=9).wrap(FILE_KEY)

    with pytest.raises(HeaderFailure):
        ScryptIdentity("x").unwrap([Stanza((*good.args[:2], log_n), good.body)])


@pytest.mark.parametrize(("passphrase", "log_n"), [("", 18), ("x", 0), ("x", 23)])
def test_empty_passphrase_or_senseless_work_factor_is_refused(passphrase: str, log_n: int) -> None:
    with pytest.raises(ValueError, match="passphrase"):
        ScryptRecipient(passphrase, log_n)
