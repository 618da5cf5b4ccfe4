"""Puts our schema into a test database."""

from pathlib import Path


def apply(socket_dir: Path, port: int, role: str, database: str) -> None:
    """Applies deploy/postgres to an empty database."""
