"""What is to be known of a lumped unit besides its rates, found in its interface and in sampled runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np

from cosim.errors import StructureError
from cosim.surrogate.model import Array, Plan, Runs
from cosim.surrogate.readouts import Readout, document, find_readout, read
from cosim.system.component import ComponentDescription
from cosim.system.nearest import nearest
from cosim.system.ports import content_variable, flow_variable
from cosim.system.stream import Medium, Port, PortDirection

SIGNS: Final = {"made": 1.0, "supplied": 1.0, "consumed": -1.0, "vented": -1.0}
"""Totals that a unit exports of each species, and whether they add to what it holds."""
STEADY: Final = 1e-6
"""Relative deviation up to which the enthalpy of what leaves counts as constant."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A total of one species that changes: the name of the output, the place of the species, and the sign."""

    name: str
    species: int
    sign: float


@dataclass(frozen=True, slots=True)
class LumpedFacts:
    """Names and places of a lumped unit; all places are in the arrays of inputs and outputs of the plan."""

    step_size: float
    duration: float
    """[s] that the sampled runs lasted."""
    members: int
    width: int
    species: tuple[str, ...]
    active: tuple[int, ...]
    """Species whose concentration varies."""
    carrier: int | None
    """The species to whose amount the rates are specific; None: to the volume."""
    channels: tuple[Channel, ...]
    inlets: tuple[tuple[int, tuple[int, ...]], ...]
    """Of each inlet: the place of its flow, and of its concentrations."""
    outlet: str
    """'' for none."""
    outflow: int | None
    """The input that sets the flow of the outlet."""
    has_enthalpy: bool
    enthalpy_per_volume: float
    extras: tuple[str, ...]
    """Parameters that vary, then inputs beside those of streams."""
    extra_inputs: tuple[int, ...]
    n_parameters: int
    output_names: tuple[str, ...]
    readouts: tuple[Readout, ...]

    @property
    def held_names(self) -> tuple[str, ...]:
        """Outputs that say what is held: the volume, then the species."""
        return ("held_volume", *(f"held_{name}" for name in self.species))

    @property
    def outlet_totals(self) -> tuple[str, ...]:
        """Outputs that say what has left: volume, species, enthalpy."""
        names = [f"{self.outlet}.V_total", *(f"{self.outlet}.m_{name}_total" for name in self.species)]
        return (*names, f"{self.outlet}.H_total") if self.has_enthalpy else tuple(names)

    @property
    def slot_names(self) -> tuple[str, ...]:
        """Outputs that keep the value they start with."""
        return tuple(readout.name for readout in self.readouts if readout.kind == "slot")

    @property
    def n_terms(self) -> int:
        """How many terms a polynomial of second degree in the parameters has."""
        return 1 + self.n_parameters + self.n_parameters * (self.n_parameters + 1) // 2

    def terms(self, scaled: Array) -> Array:
        """Return those terms (n, n_terms) of ``scaled`` parameters (n, n_parameters)."""
        pairs = [scaled[:, i] * scaled[:, j] for i in range(self.n_parameters) for j in range(i, self.n_parameters)]
        return np.column_stack([np.ones(len(scaled)), scaled, *pairs])

    def entering(self, inputs: Array, size: float) -> tuple[Array, Array]:
        """Return the volume (n, 1) and the amounts (n, n_species) that enter in a step of ``size`` [s]."""
        volume, amounts = np.zeros((len(inputs), 1)), np.zeros((len(inputs), len(self.species)))
        for flow, contents in self.inlets:
            entered = size * np.maximum(inputs[:, flow : flow + 1], 0.0)
            volume, amounts = volume + entered, amounts + entered * inputs[:, list(contents)]
        return volume, amounts

    def leaving(self, inputs: Array, size: float) -> Array:
        """Return the volume (n, 1) that is asked for in a step."""
        if self.outflow is None:
            return np.zeros((len(inputs), 1))
        asked: Array = size * np.maximum(inputs[:, self.outflow : self.outflow + 1], 0.0)
        return asked

    def extra_values(self, inputs: Array, parameters: Array) -> Array:
        """Return what else the rates may depend on (n, n_extras)."""
        return np.concatenate([parameters, inputs[:, list(self.extra_inputs)]], -1)

    def encode(self, outputs: Array, time: Array) -> Array:
        """Return the states of the unit with these ``outputs``."""
        place = {name: i for i, name in enumerate(self.output_names)}
        names = [*(channel.name for channel in self.channels), *(self.outlet_totals if self.outlet else ())]
        held = outputs[:, [place[name] for name in self.held_names]]
        rest = outputs[:, [place[name] for name in (*names, *self.slot_names)]]
        return np.concatenate([held, time[:, None], rest], -1)

    def quantities(self, state: Array, inputs: Array) -> Array:
        """Return what outputs may be read from (n, n_quantities): the state, concentrations, the flow that leaves."""
        n = len(self.species)
        volume = state[:, :1]
        flow = np.where(volume > 0, self.leaving(inputs, 1.0), 0.0)
        safe = np.where(volume > 0, volume, 1.0)
        return np.concatenate([state, state[:, 1 : n + 1] / safe, flow], -1)

    def document(self) -> dict[str, Any]:
        """Return the facts for JSON."""
        return {**asdict(self), "readouts": document(self.readouts)}


def read_facts(entry: Mapping[str, Any]) -> LumpedFacts:
    """Read what ``document`` wrote; KeyError, TypeError or ValueError where it is something else."""
    values = dict(entry)
    values["channels"] = tuple(Channel(str(c["name"]), int(c["species"]), float(c["sign"])) for c in entry["channels"])
    values["inlets"] = tuple((int(flow), tuple(map(int, contents))) for flow, contents in entry["inlets"])
    values["readouts"] = read(entry["readouts"])
    for name in ("species", "extras", "output_names"):
        values[name] = tuple(map(str, entry[name]))
    for name in ("active", "extra_inputs"):
        values[name] = tuple(map(int, entry[name]))
    return LumpedFacts(**values)


def find_facts(description: ComponentDescription, plan: Plan, runs: Runs, options: Mapping[str, Any]) -> LumpedFacts:
    """Return the facts of the FMU that was sampled.

    Raises
    ------
    StructureError
        Where it is no lumped unit, saying what it lacks.
    """
    outlet, species = _outlet(description), _species(description, plan)
    outflow = _outflow(outlet, plan, options)
    held = runs.outputs[..., [plan.output_names.index(f"held_{name}") for name in ("volume", *species)]]
    concentrations = held[..., 1:] / held[..., :1]
    inlets = [port for port in description.ports.values() if port.direction is PortDirection.INLET]
    in_streams = {name for name in plan.input_names if name.rpartition(".")[0] in {port.name for port in inlets}}
    varied = [item.name for item in plan.inputs if not item.is_constant and item.name not in in_streams]
    extra_inputs = [name for name in varied if plan.input_names.index(name) != outflow]
    carrier = options.get("carrier")
    if carrier is not None and carrier not in species:
        raise StructureError(f"'carrier: {carrier}' is no species of the FMU.{nearest(str(carrier), species)}")
    facts = LumpedFacts(
        step_size=plan.step / 1e9,
        duration=plan.step * plan.n_steps / 1e9,
        members=int(options["members"]),
        width=int(options["width"]),
        species=species,
        active=tuple(np.flatnonzero(np.ptp(concentrations, axis=(0, 1)) > 0).tolist()),
        carrier=None if carrier is None else species.index(str(carrier)),
        channels=_channels(species, plan, runs),
        inlets=tuple(_inlet(port, species, plan) for port in inlets),
        outlet=outlet.name if outlet else "",
        outflow=outflow,
        has_enthalpy=outlet is not None and f"{outlet.name}.H_total" in plan.output_names,
        enthalpy_per_volume=0.0,
        extras=(*plan.varied, *extra_inputs),
        extra_inputs=tuple(plan.input_names.index(name) for name in extra_inputs),
        n_parameters=len(plan.varied),
        output_names=plan.output_names,
        readouts=(),
    )
    return _with_readouts(facts, runs)


def _species(description: ComponentDescription, plan: Plan) -> tuple[str, ...]:
    outputs = set(plan.output_names)
    named = dict.fromkeys(name for port in description.ports.values() for name in port.species)
    species = tuple(name for name in named if f"held_{name}" in outputs)
    if not species or "held_volume" not in outputs:
        raise StructureError(
            "A lumped unit says what it holds, and this FMU has no outputs 'held_volume' and 'held_<species>'. "
            "Choose another architecture."
        )
    return species


def _outlet(description: ComponentDescription) -> Port | None:
    outlets = [port for port in description.ports.values() if port.direction is PortDirection.OUTLET]
    for port in description.ports.values():
        if port.medium is not Medium.LIQUID:
            raise StructureError(f"Port '{port.name}' carries a gas, which a lumped unit has no balance for.")
    if len(outlets) > 1:
        names = ", ".join(port.name for port in outlets)
        raise StructureError(f"A lumped unit has one outlet at most, and this FMU has {names}.")
    return outlets[0] if outlets else None


def _outflow(outlet: Port | None, plan: Plan, options: Mapping[str, Any]) -> int | None:
    """Return the place of the input that sets the flow of the outlet."""
    name = options.get("outflow") or (f"{outlet.name}.demand" if outlet and outlet.has_demand else None)
    if outlet is None or name is None:
        return None
    if name not in plan.input_names:
        raise StructureError(f"'outflow: {name}' is no input of the FMU.{nearest(str(name), plan.input_names)}")
    return plan.input_names.index(str(name))


def _inlet(port: Port, species: tuple[str, ...], plan: Plan) -> tuple[int, tuple[int, ...]]:
    missing = [name for name in species if name not in port.species]
    if missing:
        raise StructureError(f"Inlet '{port.name}' does not carry {', '.join(missing)}, which the unit holds.")
    contents = tuple(plan.input_names.index(content_variable(port, name)) for name in species)
    return plan.input_names.index(flow_variable(port)), contents


def _channels(species: tuple[str, ...], plan: Plan, runs: Runs) -> tuple[Channel, ...]:
    """Return the totals that change; those that add first."""
    found = []
    for kind, sign in SIGNS.items():
        if np.ptp(_column(f"{kind}_volume_total", plan, runs)) > 0:
            raise StructureError(
                f"'{kind}_volume_total' changes in the sampled runs: the unit adds volume that comes through no inlet, "
                "which a lumped unit has no balance for."
            )
        for i, name in enumerate(species):
            if np.ptp(_column(f"{kind}_{name}_total", plan, runs)) > 0:
                found.append(Channel(f"{kind}_{name}_total", i, sign))
    if not found:
        raise StructureError("Nothing is made or consumed in the sampled runs, so that there is nothing to learn.")
    return tuple(found)


def _column(name: str, plan: Plan, runs: Runs) -> Array:
    """Return an output (n_runs, n_times), zeros where there is none."""
    if name not in plan.output_names:
        return np.zeros(runs.outputs.shape[:2])
    return runs.outputs[..., plan.output_names.index(name)]


def _with_readouts(facts: LumpedFacts, runs: Runs) -> LumpedFacts:
    """Find out how every output is told, in two passes: what is kept from the start is part of the state."""
    if facts.has_enthalpy:
        facts = replace(facts, enthalpy_per_volume=_enthalpy(facts, runs))
    n_runs, n_times, n_outputs = runs.outputs.shape
    flat = runs.outputs.reshape(-1, n_outputs)
    inputs = np.concatenate([runs.inputs[:, :1], runs.inputs], axis=1).reshape(len(flat), -1)
    known = (*facts.held_names, *(channel.name for channel in facts.channels))
    names = (*known, *(facts.outlet_totals if facts.outlet else ()))
    states = facts.encode(flat, np.zeros(len(flat)))
    quantities = facts.quantities(states, inputs).reshape(n_runs, n_times, -1)
    places = {name: i + (i > len(facts.species)) for i, name in enumerate(names)}  # the time stands after what is held
    flow = quantities.shape[-1] - 1
    contents = {f"{facts.outlet}.c_{name}": states.shape[1] + i for i, name in enumerate(facts.species)}
    fixed = {**places, **(contents | {f"{facts.outlet}.V_flow": flow} if facts.outlet else {})}
    readouts = tuple(
        Readout(name, "quantity", fixed[name])
        if name in fixed
        else find_readout(name, runs.outputs[..., i], quantities)
        for i, name in enumerate(facts.output_names)
    )
    n_slots = sum(readout.kind == "slot" for readout in readouts)
    return replace(facts, readouts=tuple(_moved(readout, states.shape[1], n_slots) for readout in readouts))


def _moved(readout: Readout, n_state: int, n_slots: int) -> Readout:
    """Let places count the slots, which stand at the end of the state."""
    a, b = (place + n_slots if place >= n_state else place for place in (readout.a, readout.b))
    return replace(readout, a=a, b=b)


def _enthalpy(facts: LumpedFacts, runs: Runs) -> float:
    """Return the enthalpy per volume of what leaves [J/m3], which is to be constant."""
    place = {name: i for i, name in enumerate(facts.output_names)}
    volume = np.diff(runs.outputs[..., place[f"{facts.outlet}.V_total"]], axis=1)
    enthalpy = np.diff(runs.outputs[..., place[f"{facts.outlet}.H_total"]], axis=1)
    sent = volume > 1e-6 * max(float(volume.max()), 1e-300)
    if not sent.any():
        return 0.0
    ratio = enthalpy[sent] / volume[sent]
    if np.ptp(ratio) > STEADY * np.abs(ratio).max():
        raise StructureError(
            f"The temperature of what leaves '{facts.outlet}' varies in the sampled runs, and a lumped unit takes it "
            "as constant. Leave the temperatures at one value."
        )
    return float(ratio.mean())
