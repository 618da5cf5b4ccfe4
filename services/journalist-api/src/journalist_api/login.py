"""Logging in: one path for every outcome, so that neither text nor time tells which part was wrong."""

import asyncio
import time
from collections.abc import Callable
from typing import Final, Protocol
from uuid import UUID, uuid4

from journalist_api.accounts import Account, is_passphrase, matching_step, nobody, open_totp
from journalist_api.sessions import Journalist
from journalist_api.throttle import Throttle

CHECKS_AT_ONCE: Final = 2  #: Argon2id takes 64 MiB and a core each
MAX_WAITING: Final = 64  #: logins that may wait for a check


class LoginRefused(Exception):
    """Unknown username, wrong passphrase, wrong code or a used one: the caller cannot know which."""


class TooManyLogins(Exception):
    """More logins wait than would be checked within seconds."""


class Accounts(Protocol):
    """The part of the store a login needs."""

    async def account(self, username: str) -> Account | None: ...

    async def use_step(self, journalist: UUID, step: int) -> bool: ...


class Login:
    """Checks usernames, passphrases and codes."""

    def __init__(
        self, accounts: Accounts, totp_key: bytes, throttle: Throttle, clock: Callable[[], float] = time.time
    ) -> None:
        self._accounts = accounts
        self._totp_key = totp_key
        self._throttle = throttle
        self._clock = clock
        self._nobody = nobody(totp_key)
        self._checks = asyncio.Semaphore(CHECKS_AT_ONCE)
        self._waiting = 0

    async def check(self, username: str, passphrase: str, code: str) -> Journalist:
        """Who this is. Uses the code up. Errors: LoginRefused, TooManyLogins, DatabaseError."""
        account = await self._accounts.account(username) or self._nobody
        is_right = await self._is_passphrase(account, passphrase)
        step = matching_step(open_totp(self._totp_key, account.totp_sealed), code, self._clock())
        is_known = account.is_real and is_right and step is not None
        # A refused login asks the database as well, about nobody: a used code must not answer later than a wrong one.
        is_unused = await self._accounts.use_step(account.id if is_known else uuid4(), step or 0)
        if not (is_known and is_unused):
            await self._throttle.failed(username)
            raise LoginRefused
        self._throttle.succeeded(username)
        return Journalist(account.id, username, account.is_admin)

    async def _is_passphrase(self, account: Account, passphrase: str) -> bool:
        if self._waiting >= MAX_WAITING:
            raise TooManyLogins
        self._waiting += 1
        try:
            async with self._checks:
                return await asyncio.to_thread(is_passphrase, account.passphrase_hash, passphrase)
        finally:
            self._waiting -= 1
