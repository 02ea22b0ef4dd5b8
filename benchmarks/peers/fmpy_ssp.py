"""fmpy's simulation of an SSP; it always records, and starts anew with every run."""

from __future__ import annotations

import zipfile
from pathlib import Path
from time import perf_counter

from peers.cell import STEP, AbstractMaster, Cell


class Master(AbstractMaster):
    """``simulate_ssp`` for some steps less the time for one: what is left are the steps."""

    def __init__(self, cell: Cell, folder: Path) -> None:
        self._cell, self._path = cell, folder / "system.ssp"
        with zipfile.ZipFile(self._path, "w") as archive:
            archive.writestr("SystemStructure.ssd", _description(cell))
            archive.write(cell.fmu, "resources/lag.fmu")
        self._start = min(self._simulate(1)[0] for _ in range(2))
        self._rows = None

    def run(self, n_steps: int) -> float:
        seconds, self._rows = self._simulate(n_steps + 1)
        return max(seconds - self._start, 1e-9)

    def outputs(self) -> list[float]:
        cell, row = self._cell, self._rows[-2]
        return [float(row[f"c{i}.y{k}"]) for i in range(cell.n) for k in range(cell.connections)]

    def _simulate(self, n_steps: int) -> tuple[float, object]:
        from fmpy.ssp.simulation import simulate_ssp

        began = perf_counter()
        rows = simulate_ssp(str(self._path), stop_time=(n_steps - 0.5) * STEP, step_size=STEP)
        return perf_counter() - began, rows


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
