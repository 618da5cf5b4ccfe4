"""Passphrases and codes."""

import pyotp
import pytest
from journalist_api.accounts import AccountError, is_passphrase, matching_step, nobody, open_totp, seal_totp

from tests.unit.journalist_api.fakes import HASH, NOW, PASSPHRASE, SECRET, TOTP_KEY, code_at

STEP = int(NOW) // 30


def test_only_the_right_passphrase_fits() -> None:
    assert is_passphrase(HASH, PASSPHRASE)
    assert not is_passphrase(HASH, PASSPHRASE + " ")


@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_a_code_counts_one_step_early_and_late(offset: int) -> None:
    assert matching_step(SECRET, code_at(offset), NOW) == STEP + offset


@pytest.mark.parametrize("offset", [-2, 2])
def test_a_code_two_steps_away_does_not_count(offset: int) -> None:
    assert matching_step(SECRET, code_at(offset), NOW) is None


@pytest.mark.parametrize("code", ["", "0", "abcdef", "１２３４５６"])
def test_what_is_no_code_matches_nothing(code: str) -> None:
    assert matching_step(SECRET, code, NOW) is None


def test_a_sealed_totp_secret_opens_under_its_own_key_only() -> None:
    sealed = seal_totp(TOTP_KEY, SECRET)

    assert open_totp(TOTP_KEY, sealed) == SECRET
    with pytest.raises(AccountError):
        open_totp(bytes(32), sealed)


def test_a_sealed_totp_secret_with_any_byte_changed_does_not_open() -> None:
    sealed = seal_totp(TOTP_KEY, SECRET)

    for place in range(len(sealed)):
        altered = bytearray(sealed)
        altered[place] ^= 1
        with pytest.raises(AccountError):
            open_totp(TOTP_KEY, bytes(altered))


def test_a_cut_totp_secret_does_not_open() -> None:
    with pytest.raises(AccountError):
        open_totp(TOTP_KEY, seal_totp(TOTP_KEY, SECRET)[:24])


def test_nobody_looks_like_an_account() -> None:
    account = nobody(TOTP_KEY)

    assert not account.is_real
    assert not is_passphrase(account.passphrase_hash, PASSPHRASE)
    assert pyotp.TOTP(open_totp(TOTP_KEY, account.totp_sealed)).at(0)
