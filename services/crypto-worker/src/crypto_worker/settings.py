"""Settings of crypto-worker."""

from pathlib import Path

from chassis.settings import Settings as Base
from contract.limits import CREDIT_FRAMES, MAX_CREDIT_FRAMES
from contract.messages import Hex32, Name
from pydantic import Field


class Producers(Base):
    """Pinned Ed25519 public keys (hex), by producer name and by what each may send."""

    submissions: dict[Name, Hex32]
    replies: dict[Name, Hex32]


class Settings(Base):
    """What `crypto_worker.app.serve` needs."""

    name: Name
    identity_key_file: Path  #: Ed25519 seed: signs announcements, answers, receipts, source cards
    audit_key_file: Path  #: Ed25519 seed: signs audit events
    producers: Producers
    root_public_key: Hex32  #: the newsroom's
    keyset_file: Path
    state_dir: Path  #: kept across restarts: the keyset generation
    credit_frames: int = Field(default=CREDIT_FRAMES, ge=2, le=MAX_CREDIT_FRAMES)
    lanes: int = Field(default=16, ge=1)  #: as many as the broker's definitions have for this worker
