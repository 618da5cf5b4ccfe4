"""`python -m svs`."""

from svs.cli import run

if __name__ == "__main__":
    run()
