"""The journalists API and its web app."""
