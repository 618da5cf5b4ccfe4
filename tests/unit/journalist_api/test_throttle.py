"""Failing logins wait; right ones do not."""

from journalist_api.throttle import FORGET_SECONDS, LONGEST_DELAY_SECONDS, MAX_NAMES, Throttle


class Clock:
    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def monotonic(self) -> float:
        return self.now


def throttle(clock: Clock) -> Throttle:
    return Throttle(clock.sleep, clock.monotonic)


async def test_each_failure_waits_longer_up_to_a_limit() -> None:
    clock = Clock()
    throttled = throttle(clock)

    for _ in range(40):
        await throttled.failed("ada")

    assert clock.slept[:4] == [0.25, 0.5, 1.0, 2.0]
    assert clock.slept[-1] == LONGEST_DELAY_SECONDS


async def test_names_are_counted_apart() -> None:
    clock = Clock()
    throttled = throttle(clock)

    await throttled.failed("ada")
    await throttled.failed("ada")
    await throttled.failed("bob")

    assert clock.slept == [0.25, 0.5, 0.25]


async def test_a_right_login_and_time_both_forget_failures() -> None:
    clock = Clock()
    throttled = throttle(clock)
    await throttled.failed("ada")
    throttled.succeeded("ada")
    await throttled.failed("ada")
    clock.now += FORGET_SECONDS + 1
    await throttled.failed("ada")

    assert clock.slept == [0.25, 0.25, 0.25]


async def test_the_number_of_names_remembered_is_bounded() -> None:
    clock = Clock()
    throttled = throttle(clock)

    for number in range(MAX_NAMES + 100):
        await throttled.failed(str(number))
    await throttled.failed("0")

    assert clock.slept[-1] == 0.25
    assert len(throttled._names) == MAX_NAMES
