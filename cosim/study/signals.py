"""Trajectories that a study keeps of its runs, with the fault of each as labels."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from cosim.results.dataset import Column
from cosim.results.signal_dataset import SignalDataset, read_run
from cosim.study.executor import Done
from cosim.study.faults.drawing import examples, fault_panels
from cosim.study.faults.entries import LABELS
from cosim.study.faults.fault import HOUR, NONE
from cosim.study.problem import Problem
from cosim.study.result import StudyResult

FOLDER: Final = "signals"
"""Where trajectories are, in the folder of a study."""


def picture(result: StudyResult) -> str:
    """Draw the signals of one run of each kind of fault, '' where there are none."""
    folder, kinds = result.folder / FOLDER, (NONE, *(fault.name for fault in result.problem.faults))
    chosen = examples(result.rows, kinds) if result.problem.faults and folder.is_dir() else {}
    found = {kind: read_run(folder, run) for kind, run in chosen.items()}
    if not found:
        return ""
    columns = [column for column in next(iter(found.values()))[0] if column.name not in ("time", *LABELS)]
    return fault_panels(columns, {kind: values for kind, (_, values) in found.items()})


class Keeper:
    """Keeps ``signals``, columns of what runs bring back, in ``folder``; ``about`` says where they come from."""

    def __init__(
        self, folder: Path, signals: tuple[Column, ...], problem: Problem, about: Mapping[str, object]
    ) -> None:
        self._signals, self._problem = signals, problem
        columns = [Column("run", "integer"), Column("time", unit="h"), *signals]
        if problem.faults:
            columns += [
                Column("fault", "text", description="of the run"),
                Column("active", "integer", description="1 while the fault lasts, else 0"),
                Column("onset", unit="h", description="of the fault, 0 where there is none"),
                Column("end", unit="h", description="of the fault, 0 where there is none"),
                Column("severity", description="of the fault, from 0 to 1"),
            ]
        self.dataset = SignalDataset(folder, columns, about)

    def keep(self, done: Done, row: Mapping[str, Any]) -> None:
        """Write what ``done`` brought back, with the labels in ``row``.

        Raises
        ------
        ResultError
            When it cannot be written.
        """
        if done.signals is None:
            return
        time = done.signals[:, 0] / HOUR
        cells: dict[str, Any] = {"run": done.run, "time": time}
        cells |= {column.name: done.signals[:, 1 + i] for i, column in enumerate(self._signals)}
        if self._problem.faults:
            is_active = (time >= row["onset"]) & (time < row["end"]) & (row["fault"] != NONE)
            cells |= {name: row[name] for name in ("fault", "onset", "end", "severity")}
            cells["active"] = is_active.astype("int64")
        self.dataset.write(done.run, len(time), cells)
