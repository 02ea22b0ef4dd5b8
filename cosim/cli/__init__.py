"""The command line: ``cosim <verb>``; parses arguments, prints, sets exit codes."""

from __future__ import annotations

import io
import signal
import sys


def main() -> None:
    """Run the command line and exit with 0, 1 (the answer is no), 2 (wrong input), 3 (failed) or 130 (Ctrl-C)."""
    if sys.argv[1:] == ["--version"]:
        from cosim._version import __version__

        sys.stdout.write(f"cosim {__version__}\n")
        raise SystemExit(0)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show '✓' shows '?'
    try:
        from cosim.cli.app import run_app

        code = run_app(sys.argv[1:])
    except KeyboardInterrupt:  # while it was loaded, or one more while it answered the first
        code = 130
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # nothing is left to be stopped, and the code is to arrive
    raise SystemExit(code)
