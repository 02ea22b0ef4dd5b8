"""A Protein A column as somebody else would write it: flat names, mL/min, mg/mL, mM, and no unit in the FMU.

``python -m pythonfmu build -f column_sim.py`` makes ColumnSim.fmu of it. Nothing here knows cosim.

Forty mixed cells in a row. Antibody is at equilibrium with the resin in each, by a Langmuir isotherm that fades below
pH 5; aggregates and charge variants go along with it, as do small shares of the host cell protein and DNA. Amounts are
carried from cell to cell, so that nothing is lost but to rounding.
"""

import math

import numpy as np
from pythonfmu import Fmi2Causality, Fmi2Slave, Real

CELLS = 40
BED = 67858.0  # mL: 60 cm wide, 24 cm long
LIQUID = 0.87  # of the bed
CAPACITY = 55.0  # mg/mL bed
BINDING = 50.0  # mL/mg, far above pH 5
PH_HALF, SLOPE = 4.9, 2.5  # where it has fallen by half, and by how many decades per unit of pH
STICKY_HCP, STICKY_DNA = 0.002, 0.002  # shares that go along with antibody
LEACHING = 7e-8 * 1000.0  # mg of ligand per litre of bed and second, at pH 3.5
COURANT = 0.8  # of a cell's liquid in one step

PROTEINS = ("mAb", "HMW", "Acidic", "Basic", "HCP", "DNA", "LPA")
SALTS = ("Na", "Cl", "Ac", "Tris", "PO4")
SOLUTES = PROTEINS + SALTS
PER_ML = {"HCP": 1e-3, "DNA": 1e-6, "LPA": 1e-3}  # HCP and LPA are told in mg/L, DNA in ug/L; mg/mL and mM else
FOLLOWERS = np.array([name in PROTEINS[:4] for name in SOLUTES] + [True, True])  # and the shares that stick
MAB, HCP, DNA, LPA = (SOLUTES.index(name) for name in ("mAb", "HCP", "DNA", "LPA"))
STUCK_HCP, STUCK_DNA = len(SOLUTES), len(SOLUTES) + 1
NA, CL, AC, TRIS, PO4 = (SOLUTES.index(name) for name in SALTS)
EQUILIBRATION = {"Na": 100.0, "Cl": 120.6, "Tris": 25.0}  # mM: what fills the column at the start, pH 7.4


class ColumnSim(Fmi2Slave):
    """The column."""

    author = "Column Simulation Ltd."
    description = "Protein A column, equilibrium cells"

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.liquid = BED * LIQUID / CELLS  # mL in a cell
        self.amounts = np.zeros((len(SOLUTES) + 2, CELLS))  # mg or umol in a cell, bound included
        for name, value in EQUILIBRATION.items():
            self.amounts[SOLUTES.index(name)] = value * self.liquid
        self.gone = np.zeros(len(SOLUTES))
        self.Loaded = self.loaded_before = 0.0
        self._inputs()
        self._outputs()
        self._tell(np.zeros(len(SOLUTES)))

    def _inputs(self):
        for port in ("Feed", "Buf"):
            for name in ("Flow", "Temp", *SOLUTES):
                self._register(f"{port}_{name}", Fmi2Causality.input, 20.0 if name == "Temp" else 0.0)

    def _outputs(self):
        for name in ("Flow", "Temp", *SOLUTES):
            self._register(f"Out_{name}", Fmi2Causality.output, 20.0 if name == "Temp" else 0.0)
        for name in ("Volume", *SOLUTES):
            self._register(f"Sum_{name}", Fmi2Causality.output)
            self._register(f"Column_{name}", Fmi2Causality.output)
        for name in ("Made_LPA", "CV", "Load", "UV", "pH"):
            self._register(name, Fmi2Causality.output)
        self.CV, self.Column_Volume = BED, BED * LIQUID

    def _register(self, name, causality, value=0.0):
        setattr(self, name, value)
        self.register_variable(Real(name, causality=causality))

    def do_step(self, current_time, step_size):
        flows = self.Feed_Flow / 60.0, self.Buf_Flow / 60.0  # mL/s
        flow = sum(flows)
        entering = np.zeros(len(SOLUTES) + 2)  # mg or umol a second
        for port, rate in zip(("Feed", "Buf"), flows, strict=True):
            entering[:-2] += [rate * getattr(self, f"{port}_{name}") * PER_ML.get(name, 1.0) for name in SOLUTES]
        for free, stuck, share in ((HCP, STUCK_HCP, STICKY_HCP), (DNA, STUCK_DNA, STICKY_DNA)):
            entering[stuck] = share * entering[free]
            entering[free] -= entering[stuck]
        n = max(1, math.ceil(flow * step_size / (COURANT * self.liquid)))
        left = np.zeros(len(SOLUTES))
        for _ in range(n):
            left += self._move(entering, flow, step_size / n)
        self._count(flows, step_size, left)
        self._tell(left / (flow * step_size) if flow > 0.0 else np.zeros(len(SOLUTES)))
        return True

    def _move(self, entering, flow, h):
        """Carry amounts along for ``h`` seconds; return what has left."""
        acidity = self._acidity()
        leached = LEACHING * 1e-3 * BED / CELLS * 10.0 ** (0.5 * (3.5 - acidity)) * h
        self.amounts[LPA] += leached
        self.Made_LPA += leached.sum()
        mobile = np.where(FOLLOWERS[:, None], self._free(acidity), 1.0)
        moved = self.amounts * mobile * (flow * h / self.liquid)
        self.amounts -= moved
        self.amounts[:, 1:] += moved[:, :-1]
        self.amounts[:, 0] += entering * h
        left = moved[:-2, -1].copy()
        left[HCP] += moved[STUCK_HCP, -1]
        left[DNA] += moved[STUCK_DNA, -1]
        return left

    def _free(self, acidity):
        """Return the share of the antibody that is in the liquid of each cell."""
        k = BINDING / (1.0 + 10.0 ** (SLOPE * (PH_HALF - acidity)))
        total = self.amounts[MAB] / (BED / CELLS)  # mg/mL bed
        b = LIQUID + CAPACITY * k - total * k
        c = 2.0 * total / (b + np.sqrt(b * b + 4.0 * LIQUID * k * total))
        return np.where(total > 1e-12, LIQUID * c / np.maximum(total, 1e-12), LIQUID / (LIQUID + CAPACITY * k))

    def _acidity(self):
        """Return the pH of each cell, where charges add up to none."""
        c = self.amounts[:-2] / self.liquid  # mM
        low, high = np.zeros(CELLS), np.full(CELLS, 14.0)
        for _ in range(26):
            middle = 0.5 * (low + high)
            h = 10.0**-middle
            phosphate = 7.11e-3 * h * h + 2.0 * 7.11e-3 * 6.34e-8 * h  # pKa 2.15 and 7.20
            phosphate /= h * h + 7.11e-3 * h + 7.11e-3 * 6.34e-8
            charge = c[NA] - c[CL] + 1e3 * (h - 1e-14 / h) + c[TRIS] * h / (h + 8.5e-9)  # pKa 8.07
            charge -= c[AC] * 1.74e-5 / (h + 1.74e-5) + c[PO4] * phosphate  # pKa 4.76
            low, high = np.where(charge > 0.0, middle, low), np.where(charge > 0.0, high, middle)
        return 0.5 * (low + high)

    def _count(self, flows, h, left):
        """Add up what was loaded, and what has left; a load begins anew once the column was emptied."""
        self.Loaded += flows[0] * self.Feed_mAb * h
        self.gone += left
        self.Sum_Volume += sum(flows) * h
        if self.amounts[MAB].sum() < 0.05 * (self.Loaded - self.loaded_before) - 1.0:
            self.loaded_before = self.Loaded
        if sum(flows) > 0.0:
            self.Out_Temp = (flows[0] * self.Feed_Temp + flows[1] * self.Buf_Temp) / sum(flows)
        self.Out_Flow = 60.0 * sum(flows)

    def _tell(self, c):
        held = self.amounts[:-2].sum(axis=1)
        held[HCP] += self.amounts[STUCK_HCP].sum()
        held[DNA] += self.amounts[STUCK_DNA].sum()
        for i, name in enumerate(SOLUTES):
            setattr(self, f"Out_{name}", float(c[i]) / PER_ML.get(name, 1.0))
            setattr(self, f"Sum_{name}", float(self.gone[i]))
            setattr(self, f"Column_{name}", float(held[i]))
        self.Load = (self.Loaded - self.loaded_before) / BED  # mg/mL bed
        self.UV = 280.0 * float(c[MAB] + c[1]) + 200.0 * float(c[HCP])  # mAU over 2 mm
        self.pH = float(self._acidity()[-1])
