"""One master in a process of its own: reads a cell, then numbers of steps; writes seconds and outputs."""

from __future__ import annotations

import importlib
import json
import os
import sys
import tempfile
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1]))

from peers.cell import Cell


def main() -> None:
    """Answer one line of JSON with another until the input ends; masters' own output goes to stderr.

    What is left in the temporary folder is for whoever started this to remove.
    """
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    module = importlib.import_module(f"peers.{sys.argv[1]}")
    folder = tempfile.mkdtemp()
    cell = Cell(**json.loads(sys.stdin.readline()))
    began = perf_counter()
    master = module.Master(cell, Path(folder), *sys.argv[2:])
    print(json.dumps({"startup": perf_counter() - began}), file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        answer = {"seconds": master.run(request["steps"])}
        if request["outputs"]:
            answer["outputs"] = master.outputs()
        print(json.dumps(answer), file=answers, flush=True)
    answers.flush()
    os._exit(0)  # some masters crash while they clean up


if __name__ == "__main__":
    main()
