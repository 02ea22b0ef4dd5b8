"""The folder of a run: where it is, what is written into it before the run, during it, and when it has ended."""

from __future__ import annotations

import errno
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cosim.errors import RequestError, ResultError
from cosim.preparation import Prepared
from cosim.results import FmuRecord, Result, ResultWriter, RunHeader, load
from cosim.results.earlier import Earlier
from cosim.results.header import ParameterSetRecord, Resumption, fingerprint
from cosim.results.report import write_report
from cosim.scenario.expectations import evaluate
from cosim.scenario.parameter_sets import ParameterFile

_NOT_THERE: Final = (errno.EEXIST, errno.ENOTDIR, errno.ENOENT, errno.EACCES, errno.EPERM, errno.EROFS)
"""Why no folder can be made in a place, whatever becomes of the disk."""
MOST_LISTED: Final = 200
"""Values of a parameter set that a result lists; of a larger one, such as a flow field, it has the hash."""


def make_folder(name: str, out: str | Path | None) -> tuple[Path, str]:
    """Create the folder of the run; a folder that holds a result is never used again."""
    run_id = f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
    try:
        if out is not None:
            folder = Path(out)
            if (folder / "result.h5").exists():
                raise ResultError(f"'{folder}' holds a result already. Choose another folder for this run.")
            folder.mkdir(parents=True, exist_ok=True)
            return folder, run_id
        parent = Path("results") / name
        parent.mkdir(parents=True, exist_ok=True)
        for attempt in range(1, 1000):
            unique = run_id if attempt == 1 else f"{run_id}-{attempt}"
            try:
                (parent / unique).mkdir()
            except FileExistsError:
                continue
            return parent / unique, unique
    except TypeError as error:
        raise ResultError(f"The folder for the result cannot be made: {error}.") from error
    except OSError as error:
        raise _cannot_make(Path("results") / name if out is None else Path(out), error) from error
    raise ResultError(f"'{parent}' has too many runs of this second.")


def _cannot_make(folder: Path, error: OSError) -> ResultError:
    if isinstance(error, FileExistsError | NotADirectoryError):
        why = "a file is where a folder should be"
    else:
        why = (error.strerror or str(error)).lower()
    kind = RequestError if error.errno in _NOT_THERE else ResultError
    return kind(f"The folder for the result cannot be made, '{folder}': {why}. Give another with --out.")


def header_of(prepared: Prepared, run_id: str, command: str, interval: str | None) -> RunHeader:
    """Return what is known of a run before it starts; ``interval`` is that of its checkpoints."""
    scenario, bound = prepared.scenario, prepared.bound
    given = {str(entry.target): entry.value.text for entry in (*scenario.parameters, *scenario.inputs)}
    return RunHeader(
        scenario=scenario.name,
        run_id=run_id,
        structure=prepared.bound.structure,
        experiment=prepared.bound.experiment,
        description=scenario.description,
        scenario_text=scenario.text,
        scenario_file=str(scenario.path),
        fmus={
            name: FmuRecord(item.source, str(item.file or ""), item.sha256, item.fmi_version, item.generator)
            for name, item in prepared.components.items()
        },
        parameters={**given, **prepared.parameters},
        parameter_sets=tuple(map(_record_of, bound.parameter_files)),
        record=tuple(pattern.text for pattern in scenario.record or ()),
        expectations=tuple(entry.text for entry in scenario.expectations),
        algorithm=prepared.algorithm_text,
        command=command,
        resumption=None
        if interval is None
        else Resumption(
            str(scenario.path.resolve()), prepared.parameters, interval, fingerprint(bound.structure, bound.experiment)
        ),
    )


def _record_of(file: ParameterFile) -> ParameterSetRecord:
    values = {str(name): entry.value.text for name, entry in file.values.items()}
    return ParameterSetRecord(file.file, file.sha256, len(values), values if len(values) <= MOST_LISTED else {})


def writer_of(folder: Path, header: RunHeader, prepared: Prepared, earlier: Earlier | None = None) -> ResultWriter:
    """Return what records a run in ``folder``, after what ``earlier`` holds."""
    expectations = prepared.bound.expectations
    return ResultWriter(
        folder / "result.h5",
        header,
        evaluate=lambda read, outcome: evaluate(expectations, read, outcome),
        earlier=earlier,
    )


def report_on(folder: Path) -> Result:
    """Write the report of the run in ``folder``; return its result."""
    result = load(folder)
    write_report(result, folder / "report.html")
    return result
