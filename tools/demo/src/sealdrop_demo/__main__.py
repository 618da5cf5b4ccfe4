"""`python -m sealdrop_demo`: what the demo's make targets call."""

import argparse
import sys
from pathlib import Path


def main() -> int:
    """Exit status. The rooms of each command are imported only when it is asked for."""
    given = _arguments()
    root: Path = given.dir.resolve()
    if given.command == "run":
        from sealdrop_demo.run import run

        run(root)
        return 0
    if given.command == "svs":
        from sealdrop_demo.viewing import open_downloads

        return open_downloads(root, given.files)
    if given.command == "alarm":
        from sealdrop_demo.alarm import alarm

        return alarm(root)
    from sealdrop_demo.tour import tour

    return tour(root, given.pictures)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="sealdrop_demo", description="Sealdrop on one machine, to look at.")
    parser.add_argument("--dir", type=Path, default=Path(".demo"), help="state directory (default: .demo)")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="start everything; Ctrl-C stops it")
    svs = commands.add_parser("svs", help="open what the journalist downloaded")
    svs.add_argument("files", nargs="*", type=Path, help="sealed items (default: what is found in the downloads)")
    commands.add_parser("alarm", help="stop the worker, and see the alert")
    tour = commands.add_parser("tour", help="the whole journey in a browser, one line and one picture a step")
    tour.add_argument("--pictures", type=Path, default=Path("docs/pictures"), help="where the pictures go")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
