"""Session tokens and how requests carry them."""

import hashlib

import pytest
from journalist_api.sessions import Presented, Token, clear_cookie, is_csrf_safe, presented, set_cookie

TOKEN = Token("A" * 42 + "-")
COOKIE = f"sealdrop_journalist={TOKEN.text}".encode()


def test_tokens_are_256_random_bits_and_stored_as_a_hash() -> None:
    tokens = {Token.draw().text for _ in range(1000)}

    assert len(tokens) == 1000
    assert {len(text) for text in tokens} == {43}
    assert TOKEN.sha256 == hashlib.sha256(TOKEN.text.encode()).digest()


def test_a_token_is_not_shown() -> None:
    assert TOKEN.text not in repr(TOKEN) + repr(Presented(TOKEN, True))


@pytest.mark.parametrize("headers", [[(b"cookie", b"other=1; " + COOKIE)], [(b"cookie", b"a=1"), (b"cookie", COOKIE)]])
def test_a_cookie_is_found_among_others(headers: list[tuple[bytes, bytes]]) -> None:
    assert presented(headers) == Presented(TOKEN, True)


@pytest.mark.parametrize("scheme", [b"Bearer ", b"bearer "])
def test_a_bearer_token_wins_over_a_cookie(scheme: bytes) -> None:
    bearer = Token("B" * 43)
    headers = [(b"cookie", COOKIE), (b"authorization", scheme + bearer.text.encode())]

    assert presented(headers) == Presented(bearer, False)


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"cookie", b"")],
        [(b"cookie", COOKIE + b"x")],
        [(b"cookie", COOKIE + b"; " + COOKIE)],
        [(b"cookie", COOKIE), (b"authorization", b"Basic YTpi")],
        [(b"authorization", b"Bearer")],
        [(b"authorization", b"Bearer short")],
        [(b"authorization", b"Bearer " + b"A" * 43), (b"authorization", b"Bearer " + b"A" * 43)],
        [(b"cookie", b"sealdrop_journalist=" + b"\xff" * 43)],
    ],
)
def test_anything_else_is_no_session(headers: list[tuple[bytes, bytes]]) -> None:
    assert presented(headers) is None


def test_a_cookie_client_needs_its_own_csrf_token() -> None:
    by_cookie = Presented(TOKEN, True)

    assert is_csrf_safe(by_cookie, {b"x-csrf-token": TOKEN.csrf_token.encode()})
    assert not is_csrf_safe(by_cookie, {b"x-csrf-token": Token.draw().csrf_token.encode()})
    assert not is_csrf_safe(by_cookie, {b"x-csrf-token": b"\xff\xfe"})
    assert not is_csrf_safe(by_cookie, {})
    assert is_csrf_safe(Presented(TOKEN, False), {})


def test_the_cookie_is_for_this_site_and_no_script() -> None:
    assert set_cookie(TOKEN).split("; ")[1:] == ["Path=/", "HttpOnly", "SameSite=Strict"]
    assert "Max-Age=0" in clear_cookie()
