"""The producer's side of the hand-over, shared by source-api and journalist-api."""
