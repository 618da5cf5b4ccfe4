"""What a journalist is given is strong enough, and is said in forms other programs know."""

import base64

import pyotp
import pytest
from ctl.journalists import AccountError, draw_journalist, draw_passphrase


def test_a_passphrase_is_seven_plain_words_and_never_the_same() -> None:
    drawn = {draw_passphrase() for _ in range(20)}

    assert len(drawn) == 20
    assert all(len(text.split(" ")) == 7 and text.replace(" ", "").isalpha() for text in drawn)


def test_the_totp_secret_has_160_bits_and_its_uri_is_one_authenticators_read() -> None:
    journalist = draw_journalist("ada.l")

    assert len(base64.b32decode(journalist.totp_secret)) == 20
    read = pyotp.parse_uri(journalist.totp_uri)
    assert (read.secret, read.name, read.issuer) == (journalist.totp_secret, "ada.l", "Sealdrop")


@pytest.mark.parametrize("username", ["", "Ada", "-ada", "ada l", "a" * 33, "ada\n"])
def test_a_username_that_could_be_mistaken_is_refused(username: str) -> None:
    with pytest.raises(AccountError):
        draw_journalist(username)


def test_printing_an_account_shows_no_secret() -> None:
    journalist = draw_journalist("ada")

    assert journalist.passphrase not in repr(journalist)
    assert journalist.totp_secret not in repr(journalist)
