"""Which words of the code the model speaks, by the names of its steps; and which it does not, with the reason."""

from typing import Final

#: Messages of `contract.messages`, frames, and functions of the database: the model's steps in which they occur.
SPOKEN: Final[dict[str, tuple[str, ...]]] = {
    "Work": ("asks for a lane", "drops what it has seen", "refuses another instance's work"),
    "Accept": ("worker_open, says accept", "hears accept"),
    "Credit": ("takes DATA", "hears credit"),
    "Done": ("says done", "hears done"),
    "Fail": ("worker_open refuses", "hears fail"),
    "ITEM": ("sends ITEM or DATA", "takes ITEM"),
    "DATA": ("sends ITEM or DATA", "takes DATA"),
    "FINISH": ("sends FINISH", "takes FINISH", "refuses a forged FINISH"),
    "ABORT": ("source goes away", "takes ABORT"),
    "worker_open": ("worker_open, says accept", "worker_open refuses"),
    "worker_item": ("takes ITEM",),
    "worker_reserve": ("worker_reserve, worker_commit",),
    "worker_commit": ("worker_reserve, worker_commit", "worker_commit refuses: given up"),
    "worker_discard": ("worker_discard",),
    "worker_sweep": ("worker_sweep",),
    "source_give_up": ("give_up",),
    "source_settled": ("settled",),
    "admin_sweep_outcomes": ("admin_sweep_outcomes",),
}

LEFT_OUT: Final[dict[str, str]] = {
    "Announcement": "a producer may ask whenever the worker lives; a stale announcement is a work message that waits",
    "Sealed": "cryptography: the hub can neither read nor make one",
    "ItemStart": "the body of ITEM: an upload of the model has one item",
    "FinishedItem": "the body of FINISH",
    "Finish": "the body of FINISH: its list is what the chunks are counted against",
    "Ping": "silence is a step of its own, allowed when nothing moves or somebody is slow",
    "PING": "the same",
    "worker_reserve_reply": "a reply goes the way of a submission of a known source",
    "journalist_give_up": "as source_give_up",
    "journalist_settled": "as source_settled",
}

#: Steps of docs/protocol.md that no step of the model stands for.
STEPS_LEFT_OUT: Final[dict[str, str]] = {
    "1": "the form's bytes: before the hand-over",
    "2": "before the hand-over",
    "3": "before the hand-over",
    "4a": "see Announcement",
    "4b": "keys: an epoch that has passed is a work message that comes again",
    "4c": "see Announcement",
}
