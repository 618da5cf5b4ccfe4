"""How long the producer's side waits for what. Tests use shorter ones."""

from dataclasses import dataclass

from contract.limits import ANNOUNCE_FRESH_SECONDS, PING_SECONDS, SILENCE_SECONDS


@dataclass(frozen=True, slots=True)
class Timings:
    """All in seconds."""

    fresh: float = ANNOUNCE_FRESH_SECONDS  #: a worker not heard of for longer is not chosen
    accept: float = SILENCE_SECONDS  #: a worker answers a work message within
    silence: float = SILENCE_SECONDS  #: a worker that says nothing for longer is dead
    stall: float = 60.0  #: it may say it lives, but must take a frame, or finish, within (a replayed ping is cheap)
    ping: float = PING_SECONDS  #: we say at least this often that we live
    retry: float = 0.5  #: first pause before connecting or asking the fence again; doubles
    retry_most: float = 30.0  #: longest such pause
