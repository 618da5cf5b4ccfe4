"""The Range header."""

import pytest
from journalist_api.ranges import Span, Unsatisfiable, wanted_span

ETAG = '"abc"'


@pytest.mark.parametrize(
    ("header", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-99", 0, 100),
        ("bytes=10-19", 10, 20),
        ("bytes=10-", 10, 100),
        ("bytes=99-", 99, 100),
        ("bytes=90-1000", 90, 100),
        ("bytes=-1", 99, 100),
        ("bytes=-1000", 0, 100),
    ],
)
def test_one_range_is_understood(header: str, start: int, stop: int) -> None:
    assert wanted_span(header, None, ETAG, 100) == Span(start, stop, 100)


@pytest.mark.parametrize(
    "header",
    [None, "", "bytes", "bytes=", "bytes=-", "bytes=5-4", "bytes=0-1,3-4", "items=0-1", "bytes=a-b", "bytes=１-２"],
)
def test_what_is_not_one_valid_range_means_the_whole_file(header: str | None) -> None:
    assert wanted_span(header, None, ETAG, 100) is None


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_a_range_behind_the_end_is_an_error(header: str) -> None:
    with pytest.raises(Unsatisfiable):
        wanted_span(header, None, ETAG, 100)


def test_if_range_lets_a_range_count_only_for_the_same_file() -> None:
    assert wanted_span("bytes=1-2", ETAG, ETAG, 100) == Span(1, 3, 100)
    assert wanted_span("bytes=1-2", '"other"', ETAG, 100) is None
    assert wanted_span("bytes=1-2", "Tue, 24 Nov 2026 00:00:00 GMT", ETAG, 100) is None


def test_content_range_counts_the_last_byte_in() -> None:
    assert Span(10, 20, 100).content_range == "bytes 10-19/100"
