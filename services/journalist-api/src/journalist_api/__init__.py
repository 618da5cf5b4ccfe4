"""The journalist API and its web app."""
