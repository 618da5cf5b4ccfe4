"""Multipart bodies that no browser sends, drawn from a seeded generator."""

from collections.abc import Callable
from random import Random
from typing import Final

NAMES: Final = ("csrf_token", "message", "files", "file", "", "csrf_token[]", "FILES", "x" * 300)
ENCODINGS: Final = ("base64", "quoted-printable", "gzip", "8bit", "binary", "7bit", "x-unknown", "BASE64", "\x00")
FILE_NAMES: Final = (
    b"a.pdf",
    b"",
    b"..\\..\\etc\\passwd",
    b"../../../etc/passwd",
    b"/dev/null",
    b"nul\x00l.txt",
    b"\xff\xfe\xc0\xaf",
    b"\xed\xa0\x80.txt",
    b"%22%0D%0A%00",
    b"n" * 6000,
    "\u202egnp.exe\U0001f600".encode(),
    b'quo\\"ted',
    b"semi;colon=1",
)
BROKEN_BYTES: Final = (b"\x00", b"\xff", b"\r", b"\n", b"\r\n", b"--", b'"', b"\r\n--", b"\r\n\r\n", b"\x80" * 9)

Content = tuple[bytes, bytes]  #: value of the Content-Type header, body


class Form:
    """One visit's form: its token, a boundary, and pieces to build bodies from."""

    def __init__(self, draw: Random, token: str) -> None:
        self.draw = draw
        self.token = token.encode()
        self.boundary = b"----fuzz" + str(draw.randrange(10**6)).encode()

    @property
    def content_type(self) -> bytes:
        return b"multipart/form-data; boundary=" + self.boundary

    def part(self, name: bytes, value: bytes, extra: bytes = b"", file_name: bytes | None = None) -> bytes:
        shown = b"" if file_name is None else b'; filename="' + file_name + b'"'
        head = b'Content-Disposition: form-data; name="' + name + b'"' + shown + b"\r\n" + extra
        return b"--" + self.boundary + b"\r\n" + head + b"\r\n" + value + b"\r\n"

    def token_part(self) -> bytes:
        return self.part(b"csrf_token", self.token)

    def some_bytes(self, most: int = 2000) -> bytes:
        return self.draw.randbytes(self.draw.randrange(most))

    def file(self) -> bytes:
        kind = b"Content-Type: application/octet-stream\r\n"
        return self.part(b"files", self.some_bytes(), kind, self.draw.choice(FILE_NAMES[:5]))

    def close(self) -> bytes:
        return b"--" + self.boundary + b"--\r\n"

    def whole(self) -> bytes:
        """What a browser sends."""
        message = b"A message of fuzz." * self.draw.randrange(1, 40)
        return self.token_part() + self.part(b"message", message) + self.file() + self.close()


def cut(form: Form) -> Content:
    whole = form.whole()
    return form.content_type, whole[: form.draw.randrange(len(whole))]


def wrong_boundary(form: Form) -> Content:
    boundary = form.boundary
    kinds = (
        b"multipart/form-data; boundary=" + boundary[:-1],
        b"multipart/form-data; boundary=" + boundary.upper(),
        b"multipart/form-data; boundary=",
        b"multipart/form-data",
        b"multipart/form-data; boundary=" + b"b" * 300,
        b'multipart/form-data; boundary="' + boundary + b'"',
        b'multipart/form-data; boundary="' + boundary,
        b"multipart/form-data; boundary=" + boundary + b"; boundary=other",
        b"multipart/form-data; boundary*=utf-8''%ff%00" + boundary,
        b"multipart/form-data; boundary*0=a; boundary*1=" + boundary,
        b"multipart/form-data; boundary=\xff\xfe\x80",
        b"multipart/mixed; boundary=" + boundary,
        b"MULTIPART/FORM-DATA ; BOUNDARY=" + boundary,
        b"multipart/form-data;" + b";" * 3000 + b"boundary=" + boundary,
        b"text/plain",
        b"application/x-www-form-urlencoded",
        b"application/json",
        b"",
        b"\x80\x81",
        b"multipart/form-data; " + b'a="\\' * 900,
    )
    return form.draw.choice(kinds), form.whole()


def token_trouble(form: Form) -> Content:
    message, file, token = form.part(b"message", b"late"), form.file(), form.token_part()
    odd = form.part(b"csrf_token", form.token[:-2] + b"xx")
    long = form.part(b"csrf_token", b"t" * form.draw.choice((256, 257, 100_000)))
    orders = (
        message + file,
        file + token,
        message + token + file,
        odd + message,
        long + message,
        form.part(b"csrf_token", b"") + message,
        form.part(b"csrf_token", b"\xff\x00\x80") + message,
        token + token + message,
        form.part(b"csrf_token", form.token, b"", b"token.txt") + message,
        form.part(b"csrf_token", form.token + b"\r\n") + message,
    )
    return form.content_type, form.draw.choice(orders) + form.close()


def duplicate_fields(form: Form) -> Content:
    message, file = form.part(b"message", b"twice"), form.file()
    chosen = [form.draw.choice((message, file, form.token_part())) for _ in range(form.draw.randrange(2, 12))]
    odd = form.part(form.draw.choice(NAMES).encode(), form.some_bytes())
    return form.content_type, form.token_part() + b"".join(chosen) + odd + form.close()


def huge_part_header(form: Form) -> Content:
    size = form.draw.choice((4000, 8_190, 8_193, 70_000, 1_000_000))
    extra = form.draw.choice((b"X-Long: " + b"v" * size, b"n" * size + b": v")) + b"\r\n"
    many = b"".join(b"X-%d: v\r\n" % number for number in range(form.draw.choice((6, 9, 1000))))
    bad = form.part(b"files", b"x", form.draw.choice((extra, many)), b"a")
    return form.content_type, form.token_part() + bad + form.close()


def many_parts(form: Form) -> Content:
    small = form.draw.choice(
        (
            form.part(b"files", b"", b"", b""),
            form.part(b"files", b"x", b"", b"a"),
            form.part(b"message", b""),
            form.part(b"other", b""),
            b"--" + form.boundary + b"\r\n\r\n\r\n",
        )
    )
    return form.content_type, form.token_part() + small * form.draw.choice((98, 101, 10_000)) + form.close()


def bad_encoding(form: Form) -> Content:
    transfer = b"Content-Transfer-Encoding: " + form.draw.choice(ENCODINGS).encode() + b"\r\n"
    charset = b"Content-Type: text/plain; charset=" + form.draw.choice((b"utf-16", b"utf-7", b"\xff")) + b"\r\n"
    text = form.draw.choice((b"\xff\xfe", b"nul\x00", b"\xed\xa0\x80", b"ok", b"\xf5" * 50, b"x" * 400_001))
    message = form.part(b"message", text, form.draw.choice((b"", transfer, charset)))
    named = form.part(b"files", form.some_bytes(), transfer * form.draw.randrange(3), form.draw.choice(FILE_NAMES))
    return form.content_type, form.token_part() + message + named + form.close()


def odd_disposition(form: Form) -> Content:
    heads = (
        b"",
        b"Content-Disposition: attachment; name=files\r\n",
        b"Content-Disposition: form-data\r\n",
        b"Content-Disposition: form-data; name\r\n",
        b"Content-Disposition: form-data; name=files; filename*=utf-8''%e2%82%ac%ff\r\n",
        b"Content-Disposition: form-data; name=files; filename*=bogus'en'%zz\r\n",
        b"Content-Disposition: form-data; name*0=fi; name*1=les; filename=a\r\n",
        b'Content-Disposition: form-data; name="files"; filename="a"; filename="b"\r\n',
        b'Content-Disposition: form-data; name="files\r\n',
        b"Content-Disposition form-data\r\n",
        b"Content-Disposition: form-data;\r\n name=files\r\n",
        b": empty\r\n",
        b"\xff\xfe: x\r\n",
        b"Content-Disposition: form-data; name=\xff\xfe; filename=\x80\r\n",
        b"Content-Disposition: form-data; " + b'x="\\\\' * 1500 + b"\r\n",
    )
    part = b"--" + form.boundary + b"\r\n" + form.draw.choice(heads) + b"\r\nvalue\r\n"
    return form.content_type, form.token_part() + part + form.close()


def nested(form: Form) -> Content:
    inner = b'--inner\r\nContent-Disposition: file; filename="a"\r\n\r\nx\r\n' * form.draw.randrange(1, 50)
    mixed = form.part(b"files", inner + b"--inner--", b"Content-Type: multipart/mixed; boundary=inner\r\n")
    own = form.part(b"files", form.close(), b"", b"own-boundary.txt")
    return form.content_type, form.token_part() + form.draw.choice((mixed, own)) + form.close()


def odd_frame(form: Form) -> Content:
    whole = form.whole()
    shapes = (
        b"preamble\r\n" + whole,
        whole + b"epilogue" * form.draw.choice((1, 100_000)),
        whole.replace(b"\r\n", b"\n"),
        whole.replace(b"\r\n", b"\r"),
        whole.removesuffix(form.close()),
        whole.removesuffix(b"\r\n"),
        whole.replace(form.boundary + b"\r\n", form.boundary + b" \t\r\n"),
        whole + whole,
        form.close(),
        form.close() + whole,
        b"\r\n" * 5000 + whole,
        b"--" * 200_000,
        b"",
        whole.replace(b"form-data", b"FORM-DATA"),
    )
    return form.content_type, form.draw.choice(shapes)


def mutated(form: Form) -> Content:
    """Anything, by a few steps from what is right."""
    return form.content_type, mutate(form.draw, form.whole())


def mutate(draw: Random, whole: bytes) -> bytes:
    """A few bytes changed, put in, taken out, or repeated."""
    body = bytearray(whole)
    for _ in range(draw.randrange(1, 8)):
        place = draw.randrange(len(body) + 1)
        until = min(len(body), place + draw.randrange(1, 60))
        step = draw.randrange(4)
        if step == 0 and place < len(body):
            body[place] ^= 1 << draw.randrange(8)
        elif step == 1:
            body[place:place] = draw.choice(BROKEN_BYTES)
        elif step == 2:
            del body[place:until]
        else:
            body[place:place] = body[place:until]
    return bytes(body)


SHAPES: Final[tuple[Callable[[Form], Content], ...]] = (
    cut,
    wrong_boundary,
    token_trouble,
    duplicate_fields,
    huge_part_header,
    many_parts,
    bad_encoding,
    odd_disposition,
    nested,
    odd_frame,
    mutated,
)
