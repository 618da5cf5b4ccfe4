"""The promises as figures: memory, order and time, deletion."""
