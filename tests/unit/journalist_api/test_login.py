"""One path for every outcome of a login."""

import asyncio

import pytest
from journalist_api.login import MAX_WAITING, Login, LoginRefused, TooManyLogins
from journalist_api.store import Store
from journalist_api.throttle import Throttle

from tests.unit.journalist_api.fakes import NOW, PASSPHRASE, TOTP_KEY, FakeDatabase, code_at, no_sleep


def login(database: FakeDatabase) -> Login:
    return Login(Store(database), TOTP_KEY, Throttle(sleep=no_sleep), clock=lambda: NOW)


WRONG = [
    ("nobody", PASSPHRASE, code_at()),
    ("ada", "another passphrase", code_at()),
    ("ada", PASSPHRASE, "000000"),
    ("ada", PASSPHRASE, code_at(5)),
]


async def test_the_right_three_are_let_in() -> None:
    database = FakeDatabase()

    journalist = await login(database).check("ada", PASSPHRASE, code_at())

    assert (journalist.id, journalist.username) == (database.account.id, "ada")


@pytest.mark.parametrize(("username", "passphrase", "code"), WRONG)
async def test_any_one_wrong_is_refused_and_uses_no_code_up(username: str, passphrase: str, code: str) -> None:
    database = FakeDatabase()
    checked = login(database)

    with pytest.raises(LoginRefused):
        await checked.check(username, passphrase, code)

    await checked.check("ada", PASSPHRASE, code_at())


async def test_every_refusal_asks_the_database_the_same() -> None:
    asked = []
    for username, passphrase, code in WRONG:
        database = FakeDatabase()
        with pytest.raises(LoginRefused):
            await login(database).check(username, passphrase, code)
        asked.append(database.asked)

    assert asked == [["credentials", "use_step"]] * len(WRONG)


async def test_a_code_works_once_and_shuts_the_earlier_ones() -> None:
    checked = login(FakeDatabase())
    await checked.check("ada", PASSPHRASE, code_at())

    for offset in (0, -1):
        with pytest.raises(LoginRefused):
            await checked.check("ada", PASSPHRASE, code_at(offset))
    await checked.check("ada", PASSPHRASE, code_at(1))


async def test_a_right_login_gets_through_while_wrong_ones_wait() -> None:
    held = asyncio.Event()

    async def sleep(_: float) -> None:
        await held.wait()

    checked = Login(Store(FakeDatabase()), TOTP_KEY, Throttle(sleep=sleep), clock=lambda: NOW)
    flood = [asyncio.create_task(checked.check("ada", "wrong", "000000")) for _ in range(10)]

    async with asyncio.timeout(30):
        await checked.check("ada", PASSPHRASE, code_at())

    held.set()
    results = await asyncio.gather(*flood, return_exceptions=True)
    assert all(isinstance(result, LoginRefused) for result in results)


async def test_the_number_of_waiting_checks_is_bounded() -> None:
    checked = login(FakeDatabase())
    checked._waiting = MAX_WAITING

    with pytest.raises(TooManyLogins):
        await checked.check("ada", PASSPHRASE, code_at())
