"""`python -m ctl`."""

from ctl.cli import run

if __name__ == "__main__":
    run()
