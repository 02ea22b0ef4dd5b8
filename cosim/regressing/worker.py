"""A process that makes runs of a suite: a line of JSON orders one, a line of JSON tells what has become of it."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cosim.errors import CosimError
from cosim.regressing.recording import record_of
from cosim.regression.parse import parse_suite
from cosim.regression.record import Record
from cosim.regression.storage import encode_record
from cosim.regression.suite import Subject
from cosim.results.document import write_bytes


def _main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started us
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what an FMU prints is no answer
    for line in sys.stdin:
        answers.write(json.dumps(answer(json.loads(line))) + "\n")
        answers.flush()


def answer(order: Mapping[str, Any]) -> dict[str, Any]:
    """Carry out ``order``; return nothing, or what went wrong."""
    try:
        _make(order)
    except CosimError as error:
        return {"error": str(error), "exit_code": error.exit_code}
    return {}


def _make(order: Mapping[str, Any]) -> None:
    """Run the sides of a case in turn, each ``repeats`` times; write their records, with the shortest of their times.

    Raises
    ------
    CosimError
        When one cannot be begun, or its record cannot be written.
    """
    case = parse_suite(order["text"], Path(order["suite"])).cases[order["case"]]
    best: dict[str, Record] = {}
    for _ in range(order["repeats"]):
        for side in order["outputs"]:
            subject = case.subject if side == "subject" else case.against
            assert isinstance(subject, Subject)
            record = record_of(subject, case)
            known = best.get(side)
            best[side] = record if known is None or record.seconds < known.seconds else known
    for side, path in order["outputs"].items():
        write_bytes(Path(path), encode_record(best[side]))


if __name__ == "__main__":
    _main()
