"""Errors of the contract."""


class ContractError(Exception):
    """Base of everything this package raises."""


class ProtocolError(ContractError):
    """Bytes from the other side do not follow docs/protocol.md."""
