"""The form's bytes, wherever a chunk ends, and bytes that are no form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_api.multipart import MultipartReader, NotAForm, PartBegins, PartBytes, PartEnds, boundary_of, slices

from tests.unit.source_api.fakes import BOUNDARY, multipart

TRICKY = b"\r\n--" + BOUNDARY[:-1] + b"\r\n--\r\n\r\r\n-" + BOUNDARY + b"\r\n--" + BOUNDARY[:10] + b"\r"
BODY = multipart(("csrf_token", None, b"t"), ("message", None, "é".encode()), ("files", "a.txt", TRICKY))


def parts(*chunks: bytes) -> list[tuple[str, str | None, bytes]]:
    """What a reader makes of these chunks: (name, file name, content)."""
    reader = MultipartReader(BOUNDARY)
    found: list[tuple[str, str | None, bytes]] = []
    is_open = False
    for event in [event for chunk in chunks for event in reader.feed(chunk)]:
        if isinstance(event, PartBegins):
            assert not is_open
            is_open = True
            found.append((event.name, event.file_name, b""))
        elif isinstance(event, PartBytes):
            found[-1] = (*found[-1][:2], found[-1][2] + event.data)
        elif isinstance(event, PartEnds):
            assert is_open
            is_open = False
    assert reader.is_complete
    return found


EXPECTED = [("csrf_token", None, b"t"), ("message", None, "é".encode()), ("files", "a.txt", TRICKY)]


@pytest.mark.parametrize("cut", range(len(BODY) + 1))
def test_a_body_reads_the_same_wherever_it_is_cut(cut: int) -> None:
    assert parts(BODY[:cut], BODY[cut:]) == EXPECTED


def test_a_body_reads_the_same_byte_by_byte() -> None:
    assert parts(*[bytes([byte]) for byte in BODY]) == EXPECTED


@given(st.binary(max_size=300), st.integers(1, 40))
def test_any_content_comes_out_as_it_went_in(content: bytes, step: int) -> None:
    body = multipart(("files", "x", content + TRICKY + content))

    found = parts(*[body[at : at + step] for at in range(0, len(body), step)])

    assert found == [("files", "x", content + TRICKY + content)]


def test_a_cut_body_is_not_complete() -> None:
    reader = MultipartReader(BOUNDARY)

    reader.feed(BODY[:-6])

    assert not reader.is_complete


@pytest.mark.parametrize(
    ("escaped", "name"),
    [
        ("a%22b.txt", 'a"b.txt'),
        ("../../etc/passwd", "../../etc/passwd"),
        ("Ünïcödé – 日本.pdf", "Ünïcödé – 日本.pdf"),
        ("x" * 300, "x" * 300),
        ("", ""),
    ],
)
def test_a_file_name_is_read_as_the_browser_meant_it(escaped: str, name: str) -> None:
    assert parts(multipart(("files", escaped, b"")))[0][1] == name


HEAD = b"--" + BOUNDARY + b"\r\n"


@pytest.mark.parametrize(
    "body",
    [
        b"nonsense",
        b"--another\r\n",
        HEAD + b"Content-Type: text/plain\r\n\r\nx",
        HEAD + b"Content-Disposition: attachment; name=x\r\n\r\nx",
        HEAD + b"Content-Disposition: form-data\r\n\r\nx",
        HEAD + b"Content-Disposition: form-data; name=x\r\nContent-Transfer-Encoding: base64\r\n\r\nx",
        HEAD + b"A: b\r\n" * 9 + b"\r\n",
        HEAD + b"A: " + b"b" * 9000,
        HEAD + b"bad header\r\n\r\n",
    ],
)
def test_what_no_browser_sends_is_refused(body: bytes) -> None:
    with pytest.raises(NotAForm):
        MultipartReader(BOUNDARY).feed(body)


@pytest.mark.parametrize(
    "content_type",
    [None, "", "text/plain", "multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=x"],
)
def test_another_content_type_has_no_boundary(content_type: str | None) -> None:
    with pytest.raises(NotAForm):
        boundary_of(content_type)


@pytest.mark.parametrize("content_type", ["multipart/form-data; boundary=abc", 'Multipart/Form-Data; boundary="abc"'])
def test_the_boundary_is_found(content_type: str) -> None:
    assert boundary_of(content_type) == b"abc"


def test_long_chunks_are_cut_and_nothing_is_lost() -> None:
    chunk = bytes(200_000)

    pieces = slices(chunk)

    assert b"".join(pieces) == chunk
    assert max(map(len, pieces)) <= 65_536
