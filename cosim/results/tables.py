"""Results as tables for pandas, xarray, CSV and Parquet.

Components are sampled at their own times. The *aligned* form has one row per time at which anything was sampled and an
empty cell where a variable was not; ``fill`` carries the last value on. The *long* form has one row per sample and
variable. At an event, where one time occurs twice, the aligned form keeps the value after it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from cosim.clock import TICKS_PER_SECOND
from cosim.results.document import cannot_write
from cosim.results.trajectory import Trajectory
from cosim.whole_file import replacing

if TYPE_CHECKING:
    import xarray as xr

    from cosim.results.result import Result


def to_dataframe(result: Result, names: Sequence[str] | None = None, *, fill: bool = False) -> pd.DataFrame:
    """Return the aligned form: index ``time`` [s], columns ``component.variable``, ``attrs['units']`` by column."""
    trajectories = result.read(list(names) if names is not None else list(result))
    columns = {}
    axes: dict[str, pd.Index] = {}
    for trajectory in trajectories:
        component = trajectory.name.partition(".")[0]
        axis = axes.setdefault(component, pd.Index(trajectory.ticks))
        series = pd.Series(trajectory.values, index=axis, name=trajectory.name)
        columns[trajectory.name] = series[~axis.duplicated(keep="last")]
    frame = pd.concat(columns, axis=1, sort=True) if columns else pd.DataFrame()
    frame = frame.sort_index()
    if fill:
        frame = frame.ffill()
    frame.index = pd.Index(frame.index.to_numpy(dtype="float64") / TICKS_PER_SECOND, name="time")
    frame.attrs["units"] = {trajectory.name: trajectory.unit for trajectory in trajectories}
    return frame


def to_long(result: Result, names: Sequence[str] | None = None) -> pd.DataFrame:
    """Return the long form: columns ``time_s``, ``component``, ``variable``, ``value``, ``unit``."""
    trajectories = result.read(list(names) if names is not None else list(result))
    parts = [_long(trajectory) for trajectory in trajectories]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(_LONG_COLUMNS))


_LONG_COLUMNS = ("time_s", "component", "variable", "value", "unit")


def _long(trajectory: Trajectory) -> pd.DataFrame:
    component, _, variable = trajectory.name.partition(".")
    columns = (trajectory.time, component, variable, trajectory.values, trajectory.unit or "")
    return pd.DataFrame(dict(zip(_LONG_COLUMNS, columns, strict=True)))


def to_xarray(result: Result, names: Sequence[str] | None = None) -> xr.Dataset:
    """Return one array per variable over its component's axis ``time_<component>`` [s], units as attributes."""
    import xarray as xr

    arrays = {}
    for trajectory in result.read(list(names) if names is not None else list(result)):
        axis = f"time_{trajectory.name.partition('.')[0]}"
        coordinate = xr.DataArray(trajectory.time, dims=axis, attrs={"units": "s", "long_name": "time"})
        attributes = {"units": trajectory.unit or "", "long_name": trajectory.description or trajectory.name}
        arrays[trajectory.name] = xr.DataArray(
            trajectory.values, dims=axis, coords={axis: coordinate}, attrs=attributes
        )
    about = {key: str(result.run.get(key, "")) for key in ("scenario", "description", "run_id", "started_at")}
    return xr.Dataset(arrays, attrs=about | {"status": result.status})


def to_csv(result: Result, path: Path, names: Sequence[str] | None = None, *, long: bool = False) -> None:
    """Write CSV: the long form, or the aligned one with a header such as ``reactor.titre [kg/m3]``."""
    frame = to_long(result, names) if long else with_units(to_dataframe(result, names))
    replace_file(path, lambda temporary: frame.to_csv(temporary, index=not long))


def with_units(frame: pd.DataFrame) -> pd.DataFrame:
    """Add units to the names of columns and index."""
    units = frame.attrs["units"]
    headed = frame.rename(columns={name: f"{name} [{unit}]" for name, unit in units.items() if unit})
    headed.index.name = "time [s]"
    return headed


def to_parquet(result: Result, path: Path, names: Sequence[str] | None = None, *, long: bool = False) -> None:
    """Write Parquet, zstd-compressed; units and descriptions are metadata of the columns, the run's of the table."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    frame = to_long(result, names) if long else to_dataframe(result, names).reset_index()
    frame.attrs = {}
    table = pa.Table.from_pandas(frame, preserve_index=False)
    schema = pa.schema([_field(result, field) for field in table.schema])
    about = {
        "cosim": json.dumps({key: result.run.get(key) for key in ("scenario", "run_id", "started_at", "versions")})
    }
    table = table.cast(schema).replace_schema_metadata({**(table.schema.metadata or {}), **about})
    replace_file(path, lambda temporary: pq.write_table(table, temporary, compression="zstd"))


def _field(result: Result, field: object) -> object:
    variable = result.variables.get(field.name)  # type: ignore[attr-defined]
    if variable is None:
        unit = {"time": "s", "time_s": "s"}.get(field.name, "")  # type: ignore[attr-defined]
        return field.with_metadata({"unit": unit})  # type: ignore[attr-defined]
    about = {"unit": variable.unit or "", "description": variable.description}
    return field.with_metadata(about)  # type: ignore[attr-defined]


def replace_file(path: Path, write: Callable[[Path], object]) -> None:
    """Let ``write`` fill a temporary file beside ``path`` and put it in place whole.

    Raises
    ------
    ResultError
        When the file cannot be written; an earlier one of that name is then untouched.
    """
    try:
        with replacing(path) as temporary:
            write(temporary)
    except OSError as error:
        raise cannot_write(path, error) from error
