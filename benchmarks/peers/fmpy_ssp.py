"""fmpy's simulation of an SSP; it always records, and starts anew with every run."""

from __future__ import annotations

import zipfile
from pathlib import Path
from time import perf_counter
from typing import Any

from peers.cell import STEP, AbstractMaster, Cell


class Master(AbstractMaster):
    """``simulate_ssp`` for one step more; the time is taken from the beginning of the first to that of the last."""

    def __init__(self, cell: Cell, folder: Path) -> None:
        self._cell, self._path = cell, folder / "system.ssp"
        with zipfile.ZipFile(self._path, "w") as archive:
            archive.writestr("SystemStructure.ssd", _description(cell))
            archive.write(cell.fmu, "resources/lag.fmu")
        self._rows: Any = None

    def run(self, n_steps: int) -> float:
        from fmpy.ssp import simulation

        n_calls, times, do_step = 0, {}, simulation.do_step

        def timed(*arguments: object) -> None:
            nonlocal n_calls
            if n_calls in (0, n_steps * self._cell.n):
                times[n_calls] = perf_counter()
            n_calls += 1
            do_step(*arguments)

        simulation.do_step = timed
        try:
            self._rows = simulation.simulate_ssp(str(self._path), stop_time=(n_steps + 0.5) * STEP, step_size=STEP)
        finally:
            simulation.do_step = do_step
        return times[n_steps * self._cell.n] - times[0]

    def outputs(self) -> list[float]:
        cell, row = self._cell, self._rows[-2]
        return [float(row[f"c{i}.y{k}"]) for i in range(cell.n) for k in range(cell.connections)]


def _description(cell: Cell) -> str:
    driven = {target for _, _, target, _ in cell.links}  # fmpy cannot leave a connector open
    components = "".join(
        f'<ssd:Component name="c{i}" type="application/x-fmu-sharedlibrary" source="resources/lag.fmu">'
        f"<ssd:Connectors>{_connectors(cell, is_driven=i in driven)}</ssd:Connectors></ssd:Component>"
        for i in range(cell.n)
    )
    connections = "".join(
        f'<ssd:Connection startElement="c{i}" startConnector="y{k}" endElement="c{j}" endConnector="u{m}"/>'
        for i, k, j, m in cell.links
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><ssd:SystemStructureDescription version="1.0" name="s" '
        'xmlns:ssd="http://ssp-standard.org/SSP1/SystemStructureDescription" '
        'xmlns:ssc="http://ssp-standard.org/SSP1/SystemStructureCommon"><ssd:System name="s">'
        f"<ssd:Elements>{components}</ssd:Elements><ssd:Connections>{connections}</ssd:Connections>"
        "</ssd:System></ssd:SystemStructureDescription>"
    )


def _connectors(cell: Cell, *, is_driven: bool) -> str:
    kinds = [("u", "input"), ("y", "output")] if is_driven else [("y", "output")]
    return "".join(
        f'<ssd:Connector name="{name}{k}" kind="{kind}"><ssc:Real/></ssd:Connector>'
        for name, kind in kinds
        for k in range(cell.connections)
    )
