"""Every parser against random bytes and against its own samples, changed: only its documented errors come out."""

from datetime import timedelta
from random import Random
from typing import Final

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.fuzz.edits import edit
from tests.fuzz.target import Target
from tests.fuzz.targets import TARGETS
from tests.fuzz.web_targets import WEB_TARGETS

ALL: Final = (*TARGETS, *WEB_TARGETS)
NAMES: Final = [target.name for target in ALL]
LONG: Final = 100_000
HEALTH: Final = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture)
SHORT = settings(
    max_examples=150, derandomize=True, database=None, deadline=timedelta(seconds=2), suppress_health_check=HEALTH
)
WITHOUT_END = settings(SHORT, max_examples=20_000, derandomize=False)


@pytest.mark.parametrize("target", ALL, ids=NAMES)
def test_a_parser_accepts_its_own_samples(target: Target) -> None:
    assert [sample for sample in target.samples if not target.feed(sample)] == []


@pytest.mark.parametrize("target", ALL, ids=NAMES)
@SHORT
@given(data=st.binary(max_size=2000))
@example(data=b"")
@example(data=b"[" * LONG)
@example(data=b"9" * LONG)
@example(data=b"\x00" * LONG)
@example(data=b"\n" * LONG)
@example(data=b'{"a":' * (LONG // 5))
def test_random_bytes_give_only_documented_errors(target: Target, data: bytes) -> None:
    target.feed(data)


@pytest.mark.parametrize("target", ALL, ids=NAMES)
@SHORT
@given(seed=st.integers(0, 2**32))
def test_a_changed_sample_gives_only_documented_errors(target: Target, seed: int) -> None:
    draw = Random(seed)

    target.feed(edit(draw, draw.choice(target.samples)))


@pytest.mark.slow
@pytest.mark.parametrize("target", ALL, ids=NAMES)
@WITHOUT_END
@given(seed=st.integers(0, 2**64))
def test_thousands_of_changed_samples_give_only_documented_errors(target: Target, seed: int) -> None:
    draw = Random(seed)

    target.feed(edit(draw, draw.choice(target.samples)))
