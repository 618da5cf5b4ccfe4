"""Numbers both sides of a border must agree on.

A change here is a change of the protocol: docs/protocol.md names each of them.
"""

from typing import Final

MIB: Final = 1024 * 1024

FRAME_BYTES: Final = 256 * 1024  #: body of a data frame; measured best on an AMQP queue, and one vault chunk
CREDIT_FRAMES: Final = 8  #: frames a worker lets one upload have under way (2 MiB: Tor never needs more)
MAX_CREDIT_FRAMES: Final = 64  #: a producer never sends more unacknowledged frames, whatever credit it is given

PING_SECONDS: Final = 2.0  #: each side says at least this often that it is alive
SILENCE_SECONDS: Final = 8.0  #: a peer silent for longer is taken for dead; well inside the 15 s a source is promised
ANNOUNCE_SECONDS: Final = 2.0  #: a worker announces itself this often
ANNOUNCE_FRESH_SECONDS: Final = 7.0  #: three missed announcements, and the worker is no longer chosen
EPOCH_SECONDS: Final = 300.0  #: a worker draws a new epoch key this often
EPOCH_GRACE_SECONDS: Final = 30.0  #: and forgets the old one this much later (a work message lives 15 s)
WORK_TTL_MS: Final = 15_000  #: a work message nobody took is dropped by the broker

REQUEST_BYTES: Final = 500 * MIB  #: default limit of one post
MESSAGE_CHARACTERS: Final = 100_000  #: of one message, as SecureDrop has it
MAX_ITEMS: Final = 100  #: items in one submission
MAX_REPLY_BYTES: Final = 1 * MIB  #: a reply as an age file

MESSAGE_CLASS_BYTES: Final = 16 * 1024  #: the one size class of short messages and replies
FILE_CLASS_BYTES: Final = 64 * 1024  #: the smallest size class of files
MAX_RECIPIENTS: Final = 16  #: in a keyset
