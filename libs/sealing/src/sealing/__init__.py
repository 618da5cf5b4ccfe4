"""Sealing: the age format, recipients, codename, padding, receipts, keyset. Pure: no I/O, no logger, no asyncio."""
