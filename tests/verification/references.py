"""The units beside solutions that do not use the library, and the classes that each needs."""

from collections.abc import Callable
from dataclasses import dataclass

from verification import bulk, clarification, columns, cultivation, flow_through, reactors, responses, vessels
from verification.check import Check, Fmus, UnitCase
from verification.course import Comparison


@dataclass(frozen=True, slots=True)
class Reference:
    """An experiment with a unit, and how it is solved without the library."""

    name: str
    blocks: tuple[str, ...]
    solve: Callable[[Fmus], Comparison]
    is_slow: bool = False
    by_cosim: bool = False

    @property
    def classes(self) -> tuple[str, ...]:
        """Return the qualified names of the blocks."""
        return tuple(f"BioProcess.Fmus.{block}" for block in self.blocks)

    def checks(self, fmus: Fmus) -> list[Check]:
        """Run it and return one check for each curve."""
        return self.solve(fmus).checks


REFERENCES = (
    Reference("thaw", ("Thaw",), vessels.thaw),
    Reference("seed_reactor", ("SeedReactor",), cultivation.seed_reactor, by_cosim=True),
    Reference("fed_batch_reactor", ("FedBatchReactor",), cultivation.fed_batch_reactor, by_cosim=True),
    Reference("production_reactor", ("ProductionReactor",), reactors.production_reactor),
    Reference("compartment_reactor", ("CompartmentReactor", "ProductionReactor"), reactors.compartment_reactor),
    Reference("protein_a", ("ProteinA",), columns.protein_a),
    Reference("protein_a_general_rate", ("ProteinAGeneralRate",), columns.protein_a_general_rate, is_slow=True),
    Reference("cation_exchange", ("CationExchange",), columns.cation_exchange, is_slow=True),
    Reference("anion_exchange", ("AnionExchange",), flow_through.anion_exchange, is_slow=True, by_cosim=True),
    Reference("virus_inactivation", ("VirusInactivation",), vessels.virus_inactivation),
    Reference("osmotic_ultrafiltration", ("OsmoticUltrafiltration",), vessels.osmotic_ultrafiltration),
    Reference("coil", ("PlugFlowInactivation",), bulk.coil, by_cosim=True),
    Reference("gel_ultrafiltration", ("UltrafiltrationDiafiltration",), bulk.gel_ultrafiltration, by_cosim=True),
    Reference("formulation_tank", ("FormulationTank",), bulk.formulation_tank, by_cosim=True),
    Reference("fill_line", ("FillLine",), vessels.fill_line),
    Reference("oxygen_controller", ("OxygenController",), responses.oxygen_controller),
    Reference("temperature_controller", ("TemperatureController",), responses.temperature_controller),
    Reference("ph_controller", ("PhController",), responses.ph_controller),
    Reference("probe", ("Probe",), responses.probe),
    Reference("hold_tank", ("HoldTank",), responses.hold_tank),
    Reference("ageing_hold", ("HoldTank",), bulk.ageing_hold, by_cosim=True),
    Reference("divert", ("Divert",), responses.divert),
    Reference("buffer_manifold", ("BufferManifold",), responses.buffer_manifold),
    Reference("gradient_source", ("GradientSource",), responses.gradient_source),
    Reference("anion_buffers", ("AnionBuffers",), responses.anion_buffers),
    Reference("glucose_feeder", ("GlucoseFeeder",), responses.glucose_feeder),
    Reference("exponential_feeder", ("ExponentialFeeder",), responses.exponential_feeder),
    Reference("medium_supply", ("MediumSupply",), responses.medium_supply),
    Reference("harvest_supply", ("HarvestSupply",), responses.harvest_supply),
    Reference("sterile_filter", ("SterileFilter",), clarification.sterile_filter),
    Reference("depth_filter", ("DepthFilter",), clarification.depth_filter),
    Reference("virus_filter", ("VirusFilter",), clarification.virus_filter),
    Reference("disk_stack", ("DiskStack",), clarification.disk_stack),
)

CASES = tuple(
    UnitCase(
        reference.name.replace("_", " "),
        (reference.solve.__doc__ or "").strip().split("\n")[0].rstrip("."),
        "scipy, or a closed form: largest difference over the whole course, over the largest value",
        reference.classes,
        reference.checks,
        reference.by_cosim,
    )
    for reference in REFERENCES
)
