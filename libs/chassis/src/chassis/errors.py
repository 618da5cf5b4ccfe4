"""Errors of the chassis. A text never quotes the input, nor what a library said about it."""


class ChassisError(Exception):
    """Base of everything this room raises."""
