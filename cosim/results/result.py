"""A result as read back: trajectories by name, and what the run tells of itself."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import h5py
import numpy as np
from numpy.typing import NDArray

from cosim.clock import Ticks
from cosim.errors import RequestError, ResultError
from cosim.execution.outcome import ComponentCost, Happening, Outcome, PhaseRecord, SpeciesLedger
from cosim.results import layout
from cosim.results.records import ExpectationRecord, read_expectations, read_happenings, read_outcome, unfinished
from cosim.results.trajectory import Trajectory
from cosim.results.unclosed import ClosedView, is_unclosed
from cosim.system.nearest import nearest

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


_RUN_ID: Final = re.compile(r"[0-9]{8}-[0-9]{6}(-[0-9]+)?")


@dataclass(frozen=True, slots=True)
class RecordedVariable:
    """What is known of a recorded variable; ``row`` is its place in its component's array."""

    component: str
    name: str
    row: int
    unit: str | None
    display_unit: str | None
    description: str
    causality: str
    variability: str

    @property
    def full_name(self) -> str:
        """``component.variable``."""
        return f"{self.component}.{self.name}"


@dataclass(frozen=True, slots=True)
class Result:
    """One run's record; values are read from the file when asked for.

    ``variables`` are keyed by ``component.variable``, in the order recorded. ``run`` is the content of ``run.json``.
    """

    path: Path
    run: Mapping[str, Any]
    outcome: Outcome
    expectations: tuple[ExpectationRecord, ...]
    variables: Mapping[str, RecordedVariable]
    is_complete: bool
    """False when the run was killed before it could write how it ended."""

    @property
    def folder(self) -> Path:
        """The folder of the run."""
        return self.path.parent

    @property
    def status(self) -> str:
        """``'completed'``, ``'failed'`` or ``'stopped'``."""
        return self.outcome.status

    @property
    def phases(self) -> tuple[PhaseRecord, ...]:
        """When phases and their steps ran."""
        return self.outcome.phases

    @property
    def happenings(self) -> tuple[Happening, ...]:
        """Everything worth keeping, in order."""
        return self.outcome.happenings

    @property
    def ledger(self) -> Mapping[str, SpeciesLedger]:
        """The balance of each species."""
        return self.outcome.ledger

    @property
    def elements(self) -> Mapping[str, SpeciesLedger]:
        """What reactions made and consumed of carbon, nitrogen and charge [mol]; reported, not judged."""
        return self.outcome.elements

    @property
    def costs(self) -> Mapping[str, ComponentCost]:
        """Steps and seconds per component."""
        return self.outcome.costs

    @property
    def profile(self) -> Mapping[str, Any]:
        """What a profiled run took: ``stages`` [s], ``components``, ``effort``; empty for other runs."""
        try:
            document = json.loads((self.folder / "run.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        found = document.get("profile") if isinstance(document, dict) else None
        return found if isinstance(found, dict) else {}

    @property
    def holds(self) -> bool:
        """True when the run was completed and every expectation holds."""
        return self.status == "completed" and all(expectation.holds for expectation in self.expectations)

    def __iter__(self) -> Iterator[str]:
        return iter(self.variables)

    def __len__(self) -> int:
        return len(self.variables)

    def __contains__(self, name: object) -> bool:
        return name in self.variables

    def __getitem__(self, name: str) -> Trajectory:
        return self.read([name])[0]

    def find(self, name: str) -> RecordedVariable:
        """Return what is known of ``name``.

        Raises
        ------
        ResultError
            When it was not recorded; names the nearest match.
        """
        if name in self.variables:
            return self.variables[name]
        hint = nearest(name, self.variables) or " The scenario's 'record' patterns tell what is kept."
        raise RequestError(f"'{name}' was not recorded in '{self.path}'.{hint}")

    def read(self, names: Sequence[str]) -> list[Trajectory]:
        """Return several trajectories, opening the file once."""
        found = [self.find(name) for name in names]
        axes: dict[str, NDArray[np.int64]] = {}
        with opened(self.path) as file:
            for variable in found:
                if variable.component not in axes:
                    axes[variable.component] = _ticks(file[layout.COMPONENTS][variable.component])
            return [_trajectory(file, variable, axes[variable.component]) for variable in found]

    def to_dataframe(self, names: Sequence[str] | None = None, *, fill: bool = False) -> pd.DataFrame:
        """Return a table with one row per time and one column per variable; see :mod:`cosim.results.tables`."""
        from cosim.results import tables

        return tables.to_dataframe(self, names, fill=fill)

    def to_xarray(self, names: Sequence[str] | None = None) -> xr.Dataset:
        """Return a data set with a time axis per component; see :mod:`cosim.results.tables`."""
        from cosim.results import tables

        return tables.to_xarray(self, names)

    def to_csv(self, path: Path | str, names: Sequence[str] | None = None, *, long: bool = False) -> None:
        """Write CSV with units in the header; see :mod:`cosim.results.tables`."""
        from cosim.results import tables

        tables.to_csv(self, Path(path), names, long=long)

    def to_parquet(self, path: Path | str, names: Sequence[str] | None = None, *, long: bool = False) -> None:
        """Write Parquet with units in the metadata; see :mod:`cosim.results.tables`."""
        from cosim.results import tables

        tables.to_parquet(self, Path(path), names, long=long)


def load(path: Path | str) -> Result:
    """Read the result of a run.

    Parameters
    ----------
    path
        The folder of a run, or its ``result.h5``. Without one, the ``.partial`` that a running or killed run left.
        ``results/<scenario>`` stands for the newest run of a scenario.

    Raises
    ------
    ResultError
        When there is none, or the file is no result of cosim.
    """
    file_path = _locate(Path(path))
    with opened(file_path) as file:
        if file.attrs.get("format") != layout.FORMAT:
            raise ResultError(f"'{file_path}' is an HDF5 file, but no result of cosim.")
        if int(file.attrs["format_version"]) > layout.FORMAT_VERSION:
            raise ResultError(
                f"'{file_path}' has format {file.attrs['format_version']}, and this cosim reads up to "
                f"{layout.FORMAT_VERSION}. Read it with a newer cosim."
            )
        run = json.loads(_text(file, layout.RUN) or "{}")
        outcome_text = _text(file, layout.OUTCOME)
        outcome = read_outcome(json.loads(outcome_text)) if outcome_text else _cut_off(file)
        findings = read_expectations(json.loads(_text(file, layout.EXPECTATIONS) or "[]"))
        return Result(file_path, run, outcome, findings, _variables(file), bool(outcome_text))


def _locate(path: Path) -> Path:
    if path.is_file():
        return path
    candidates = [path / layout.FILE_NAME, path / (layout.FILE_NAME + layout.PARTIAL_SUFFIX)]
    candidates.append(path.with_name(path.name + layout.PARTIAL_SUFFIX))
    folder = path.parent if path.name == "latest" and not path.exists() else path
    if folder.is_dir():
        runs = sorted((run for run in folder.iterdir() if run.is_dir()), key=_age, reverse=True)
        candidates += [run / name for run in runs for name in (layout.FILE_NAME, candidates[1].name)]
    found = next((candidate for candidate in candidates if candidate.is_file()), None)
    if found is None:
        raise RequestError(f"There is no result in '{path}'. Give the folder of a run, results/<scenario>/<run id>.")
    return found


def _age(run: Path) -> tuple[bool, list[int], str]:
    """Order the folders of runs by the numbers in their run ids, so that ``…-10`` is newer than ``…-2``."""
    is_run_id = _RUN_ID.fullmatch(run.name) is not None
    return is_run_id, [int(digits) for digits in run.name.split("-")] if is_run_id else [], run.name


@contextlib.contextmanager
def opened(path: Path) -> Iterator[h5py.File]:
    """Open for reading, also when the run still writes or was killed."""
    with contextlib.ExitStack() as stack:
        try:
            source = stack.enter_context(ClosedView(path)) if is_unclosed(path) else path
            file = stack.enter_context(h5py.File(source, "r", locking=None if source is not path else "best-effort"))
        except OSError as error:
            raise ResultError(f"Cannot read '{path}': it is no HDF5 file, or it is damaged ({error}).") from error
        try:
            yield file
        except (KeyError, OSError, RuntimeError, ValueError) as error:
            raise ResultError(f"Cannot read '{path}': its content is damaged ({error}).") from error


def _text(file: h5py.File, name: str) -> str:
    return bytes(file[name][:]).decode("utf-8")


def _ticks(group: h5py.Group) -> NDArray[np.int64]:
    # Of a running file the axis may be longer than the values by what is just being written.
    n = min(group[layout.TICKS].shape[0], group[layout.VALUES].shape[1])
    return np.asarray(group[layout.TICKS][:n], dtype=np.int64)


def _variables(file: h5py.File) -> dict[str, RecordedVariable]:
    found = {}
    for component, group in file[layout.COMPONENTS].items():
        for row, entry in enumerate(group[layout.VARIABLES][:]):
            text = {column: bytes(entry[column]).decode("utf-8") for column in layout.COLUMNS}
            variable = RecordedVariable(
                component,
                text["name"],
                row,
                text["unit"] or None,
                text["display_unit"] or None,
                text["description"],
                text["causality"],
                text["variability"],
            )
            found[variable.full_name] = variable
    return found


def _trajectory(file: h5py.File, variable: RecordedVariable, ticks: NDArray[np.int64]) -> Trajectory:
    values = file[layout.COMPONENTS][variable.component][layout.VALUES][variable.row, : len(ticks)]
    return Trajectory(
        variable.full_name,
        ticks,
        values,
        variable.unit,
        variable.description,
        variable.display_unit,
        variable.causality,
    )


def _cut_off(file: h5py.File) -> Outcome:
    lines = _text(file, layout.HAPPENINGS).splitlines()
    happenings = read_happenings([json.loads(line) for line in lines])
    last = [happening.time for happening in happenings]
    for group in file[layout.COMPONENTS].values():
        last += [Ticks(int(tick)) for tick in _ticks(group)[-1:]]
    return unfinished(happenings, max(last, default=Ticks(0)))
