"""The source's pages and the journalists' page in real browsers, against the four services as processes."""
