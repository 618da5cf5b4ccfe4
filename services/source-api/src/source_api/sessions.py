"""Sessions: in this process's memory and nowhere else; a restart ends them all.

Theory: the cookie is 256 random bits and means nothing by itself. A session holds the source's keys from log-in, or
from the first submission on, and the codename only until it was written down. It ends by log-out, idleness, or old
age; a running upload keeps it alive.
"""

import asyncio
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from handover.producer import Stored

from source_api.derivation import SourceKeys
from source_api.progress import Progress

_MOST_FORMS: Final = 32  #: of one session whose state is remembered


@dataclass(slots=True, repr=False)
class Source:
    """Who the session belongs to. Before the first submission is stored the source exists only here."""

    keys: SourceKeys
    source_id: UUID
    codename: str | None = None  #: until "I have written it down"; never set by log-in
    is_known: bool = False  #: something of this source is stored


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a source may be told of a stored submission."""

    receipt_digits: str
    items: int


@dataclass(slots=True, repr=False)
class Running:
    """One post of a form on its way."""

    is_superseded: asyncio.Event = field(default_factory=asyncio.Event)
    is_done: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True, repr=False)
class FormState:
    """One form this session was given, by the id in its token."""

    progress: Progress = field(default_factory=Progress)
    accepted: Accepted | None = None
    settlement: "asyncio.Task[Stored | None] | None" = None  #: of an upload that may have been stored
    running: Running | None = None


@dataclass(slots=True, repr=False)
class Session:
    """State of one visitor."""

    id: str
    born: float
    touched: float
    source: Source | None = None
    accepted: Accepted | None = None  #: the newest; shown by /sent
    uploads: int = 0
    is_over: bool = False  #: ended, while a request of it may still be under way
    forms: OrderedDict[str, FormState] = field(default_factory=OrderedDict)
    identity_lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def is_idle(self) -> bool:
        """No upload of it is under way, or of unknown outcome."""
        return self.uploads == 0 and all(form.settlement is None for form in self.forms.values())

    @property
    def is_blank(self) -> bool:
        """Nothing would be lost with it but an unsent form: of its source nothing is stored."""
        return self.is_idle and (self.source is None or not self.source.is_known)

    @property
    def can_log_in_again(self) -> bool:
        """Its codename is written down, or was typed: it can be typed again."""
        return self.is_idle and (self.source is None or self.source.codename is None)

    @property
    def is_logged_in(self) -> bool:
        return self.source is not None and self.source.is_known

    def form(self, form_id: str) -> FormState:
        """The form's state, made when first asked for; the oldest idle one is forgotten for it."""
        if form_id not in self.forms:
            if len(self.forms) >= _MOST_FORMS:
                oldest = next((key for key, form in self.forms.items() if form.running is None), None)
                if oldest is not None:
                    del self.forms[oldest]
            self.forms[form_id] = FormState()
        return self.forms[form_id]


class SessionsFull(Exception):
    """As many visitors as there is room for, and none of them can be forgotten."""


class Sessions:
    """All of them, least recently used first."""

    def __init__(
        self, most: int, idle_seconds: float, absolute_seconds: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._idle = idle_seconds
        self._absolute = absolute_seconds
        self._monotonic = monotonic
        self._sessions: OrderedDict[str, Session] = OrderedDict()

    def __len__(self) -> int:
        return len(self._sessions)

    def begin(self) -> Session:
        """A new session. Errors: SessionsFull."""
        self.sweep()
        if len(self._sessions) >= self._most:
            self.end(self._least_missed())
        now = self._monotonic()
        session = Session(secrets.token_urlsafe(32), now, now)
        self._sessions[session.id] = session
        return session

    def _least_missed(self) -> Session:
        """The longest unused blank one; if there is none, of those who can log in again. Errors: SessionsFull.

        Without the second, one visitor who logs in two thousand times would lock all others out for hours.
        """
        for may_go in (lambda session: session.is_blank, lambda session: session.can_log_in_again):
            found = next(filter(may_go, self._sessions.values()), None)
            if found is not None:
                return found
        raise SessionsFull

    def find(self, session_id: str | None) -> Session | None:
        """The living session of this id, now used again."""
        session = self._sessions.get(session_id or "")
        if session is None:
            return None
        if self._is_over(session):
            self.end(session)
            return None
        session.touched = self._monotonic()
        self._sessions.move_to_end(session.id)
        return session

    def touch(self, session: Session) -> None:
        """An upload of it just ended: its idle time begins now."""
        session.touched = self._monotonic()

    def end(self, session: Session) -> None:
        """Forget it, and what it knew."""
        self._sessions.pop(session.id, None)
        session.is_over = True
        for form in session.forms.values():
            if form.running is not None:
                form.running.is_superseded.set()
        session.source = None
        session.accepted = None
        session.forms.clear()

    def sweep(self) -> None:
        """Forget all that are over."""
        for session in [session for session in self._sessions.values() if self._is_over(session)]:
            self.end(session)

    def _is_over(self, session: Session) -> bool:
        if session.uploads:
            return False
        now = self._monotonic()
        return now - session.touched > self._idle or now - session.born > self._absolute
