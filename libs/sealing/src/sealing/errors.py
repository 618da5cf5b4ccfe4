"""What this room raises. A text never quotes its input: it may be secret.

Opening fails in one way only for callers: `CannotOpen`. Its subclasses exist for the public age test vectors, which
grade the class of the error; no other caller may act differently on them.
"""


class SealingError(Exception):
    """Base of everything this room raises."""


class CannotOpen(SealingError):
    """Wrong key, truncated or altered bytes. Callers do not say which."""


class NoMatch(CannotOpen):
    """The header is well formed, but no identity unwraps a file key from it."""


class HeaderFailure(CannotOpen):
    """The header is not an age v1 header."""


class HmacFailure(CannotOpen):
    """A file key was unwrapped, but it does not authenticate the header."""


class PayloadFailure(CannotOpen):
    """A chunk is altered, missing, out of order or beyond the end."""


class ArmorFailure(CannotOpen):
    """The ASCII armor is malformed."""


class BadSignature(SealingError):
    """Not signed by a key we trust in this context, or signed but not of the shape we know."""


class BadKeyset(SealingError):
    """A keyset that must not be used: unsigned, empty, too long, or of mixed kinds."""


class BadRecipient(SealingError):
    """Not a recipient we can seal to, or a set of recipients that must not share a file."""


class BadCodename(SealingError):
    """Text that cannot be a codename, or a word list too short to draw one from."""
