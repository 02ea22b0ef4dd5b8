"""Descriptions of the components of the mAb flowsheet, made by hand, so that binding needs no FMU."""

from cosim.system.component import ComponentDescription
from cosim.system.stream import Medium, Port, PortDirection, Species
from cosim.system.variable import Causality, Variability, Variable, VariableType

SPECIES = {
    "cells_viable": Species("cells_viable", "count", location="broth"),
    "glucose": Species("glucose", "mol", molar_mass=0.18016, carbon=6.0),
    "mab": Species("mab", "kg", molar_mass=148.0),
}
_CONCENTRATION_UNIT = {"count": "1/m3", "mol": "mol/m3", "kg": "kg/m3"}


def port(name: str, direction: PortDirection, **units: str) -> dict[str, Variable]:
    """Return the variables of a liquid port with all species of SPECIES."""
    causality = Causality.INPUT if direction is PortDirection.INLET else Causality.OUTPUT
    start = 0.0 if causality is Causality.INPUT else None
    variables = {
        "V_flow": Variable(f"{name}.V_flow", causality, unit=units.get("V_flow", "m3/s"), start=start),
        "T": Variable(f"{name}.T", causality, unit=units.get("T", "K"), start=start and 293.15),
    }
    for species in SPECIES.values():
        unit = units.get(species.name, _CONCENTRATION_UNIT[species.basis])
        variables[f"c_{species.name}"] = Variable(f"{name}.c_{species.name}", causality, unit=unit, start=start)
    if direction is PortDirection.OUTLET:
        variables["V_total"] = Variable(f"{name}.V_total", Causality.OUTPUT, unit="m3")
    return {f"{name}.{member}": variable for member, variable in variables.items()}


def parameter(name: str, unit: str | None, start: float, **more: object) -> dict[str, Variable]:
    return {name: Variable(name, Causality.PARAMETER, Variability.FIXED, unit=unit, start=start, **more)}


def real_input(name: str, unit: str | None, start: float = 0.0) -> dict[str, Variable]:
    return {name: Variable(name, Causality.INPUT, unit=unit, start=start)}


def output(name: str, unit: str | None) -> dict[str, Variable]:
    return {name: Variable(name, Causality.OUTPUT, unit=unit)}


def describe(model: str, *variables: dict[str, Variable], inlets: str = "", outlets: str = "") -> ComponentDescription:
    found: dict[str, Variable] = {}
    for part in variables:
        found.update(part)
    ports = {}
    for names, direction in ((inlets, PortDirection.INLET), (outlets, PortDirection.OUTLET)):
        for name in names.split():
            found.update(port(name, direction))
            is_outlet = direction is PortDirection.OUTLET
            ports[name] = Port(
                name, direction, Medium.LIQUID, tuple(SPECIES), has_totals=is_outlet, has_temperature=True
            )
    return ComponentDescription(model, found, ports=ports, species=SPECIES)


def mab_descriptions() -> dict[str, ComponentDescription]:
    select = Variable(
        "select",
        Causality.INPUT,
        Variability.DISCRETE,
        VariableType.ENUMERATION,
        start=1,
        enumeration=(("off", 1), ("equilibration", 2), ("wash", 3), ("elution", 4), ("strip", 5)),
    )
    hold = describe("HoldTank", real_input("demand", "m3/s"), output("volume", "m3"), inlets="inlet", outlets="outlet")
    return {
        "reactor": describe(
            "FedBatchReactor",
            parameter("mu_max", "1/s", 1e-5, minimum=0.0),
            parameter("volume_start", "m3", 1.5),
            real_input("harvest_flow", "m3/s"),
            output("titre", "kg/m3"),
            output("glucose", "mol/m3"),
            output("volume", "m3"),
            inlets="feed",
            outlets="harvest",
        ),
        "feeder": describe("GlucoseFeeder", real_input("measured", "mol/m3"), outlets="outlet"),
        "centrifuge": describe("DiskStack", inlets="feed", outlets="centrate solids"),
        "hold": hold,
        "buffers": describe("BufferManifold", {"select": select}, outlets="outlet"),
        "capture": describe(
            "ProteinA",
            {"bed_volume": Variable("bed_volume", Causality.CALCULATED_PARAMETER, Variability.FIXED, unit="m3")},
            output("load_density", "kg/m3"),
            output("uv280", "1"),
            inlets="load buffer",
            outlets="outlet",
        ),
        "divert": describe("Divert", real_input("collecting", None), inlets="inlet", outlets="collect rest"),
        "pool": hold,
    }
