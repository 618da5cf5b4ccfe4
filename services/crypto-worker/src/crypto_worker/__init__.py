"""Seals file keys to the SVS keyset, checks, stores and receipts. The only writer of the vault."""
