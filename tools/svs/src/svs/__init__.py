"""The offline tool of the Secure Viewing Station."""
