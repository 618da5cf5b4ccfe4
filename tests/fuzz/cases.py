"""A seed becomes one request to source-api or journalist-api. The same seed, the same shape: that is the replay."""

from dataclasses import dataclass, field
from random import Random
from typing import Final

from tests.fuzz import bodies, heads, journalist
from tests.fuzz.bodies import Form

SPLITS: Final = (1, 1, 1, 2, 7, 40)
PATIENCE: Final = 0.4  #: for an answer to what may not be a whole request
WHOLE_PATIENCE: Final = 30.0


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a visitor holds: a cookie and an unused form."""

    cookie: str
    token: str
    form_id: str


@dataclass(frozen=True, slots=True)
class Case:
    """`is_finished`: as much was sent as was announced, so that an answer comes without our ending the connection."""

    seed: int
    shape: str
    pieces: tuple[bytes, ...] = field(repr=False)
    is_finished: bool = False

    @property
    def patience(self) -> float:
        """Seconds to wait for an answer. Who sent all of a form always waits for it, so none is lost by our leaving."""
        return WHOLE_PATIENCE if self.is_finished else PATIENCE

    @property
    def breaks_its_word(self) -> bool:
        """Asks whether to send (Expect) and sends at once: our answer then ends the connection and may be lost."""
        return b"Expect: 100-continue" in b"".join(self.pieces)

    def __str__(self) -> str:
        whole = b"".join(self.pieces)
        return f"seed {self.seed} ({self.shape}): {whole[:300]!r}{'...' if len(whole) > 300 else ''}"


def source_case(seed: int, ticket: Ticket) -> Case:
    """Half of them are posts of the form, half are not even requests of its kind."""
    draw = Random(seed)
    if seed % 2:
        return _post(seed, draw, ticket)
    shape = heads.SHAPES[seed // 2 % len(heads.SHAPES)]
    cookie = b"Cookie: source=" + ticket.cookie.encode()
    wire = shape(draw, draw.choice((cookie, cookie, b"Accept: */*")), heads.SOURCE_PATHS)
    return Case(seed, shape.__name__, split(draw, wire))


def journalist_case(seed: int, visit: journalist.Visit) -> Case:
    draw = Random(seed)
    shape = journalist.SHAPES[seed % len(journalist.SHAPES)]
    return Case(seed, shape.__name__, split(draw, shape(draw, visit)), shape in journalist.WHOLE)


def split(draw: Random, wire: bytes) -> tuple[bytes, ...]:
    """Sent at once, or in a few writes."""
    places = sorted(draw.randrange(len(wire) + 1) for _ in range(draw.choice(SPLITS) - 1))
    return tuple(wire[start:stop] for start, stop in zip([0, *places], [*places, len(wire)], strict=True))


def _post(seed: int, draw: Random, ticket: Ticket) -> Case:
    shape = bodies.SHAPES[seed // 2 % len(bodies.SHAPES)]
    kind, body = shape(Form(draw, ticket.token))
    framing = draw.choice(("exact", "exact", "exact", "longer", "shorter", "chunked", "expect"))
    query = draw.choice((f"?form={ticket.form_id}", f"?form={ticket.form_id}", "", "?form=" + "1" * 32)).encode()
    headers = [b"Host: a", b"Cookie: source=" + ticket.cookie.encode(), b"Content-Type: " + kind]
    if framing == "chunked":
        headers.append(b"Transfer-Encoding: chunked")
        body = _chunked(draw, body)
    else:
        difference = {"longer": draw.randrange(1, 5000), "shorter": -draw.randrange(1, 200)}.get(framing, 0)
        headers.append(b"Content-Length: %d" % max(0, len(body) + difference))
    if framing == "expect":
        headers.append(b"Expect: 100-continue")
    wire = heads.request(b"POST", b"/submit" + query, b"\r\n".join(headers), body)
    return Case(seed, f"{shape.__name__}, {framing}", split(draw, wire), framing != "longer")


def _chunked(draw: Random, body: bytes) -> bytes:
    size = draw.choice((7, 1000, 70_000)) if len(body) < 100_000 else 70_000
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
