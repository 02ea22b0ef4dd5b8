"""The ``surrogates:`` of a scenario: packages read, compared with the FMUs they stand for, and put in their place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from cosim.clock import Ticks, format_ticks, to_ticks
from cosim.errors import CosimError, ScenarioError, StructureError
from cosim.instance.contract import AbstractInstance
from cosim.loading import LoadedComponent
from cosim.releasing import package_folder
from cosim.scenario.bind import Bound
from cosim.scenario.model import Scenario, SurrogateEntry
from cosim.surrogate.forward import ForwardInstance
from cosim.surrogate.guarded import AuditPlan, GuardedInstance
from cosim.surrogate.hybrid.instance import HybridInstance, hybrid_interface
from cosim.surrogate.hybrid.model import TIME
from cosim.surrogate.hybrid.package import ARCHITECTURE as HYBRID
from cosim.surrogate.hybrid.package import HybridPackage, hybrid_of
from cosim.surrogate.instance import SurrogateInstance
from cosim.surrogate.interface import differences
from cosim.surrogate.package import Package, package_of, read_contents
from cosim.system.component import ComponentDescription
from cosim.system.nearest import nearest

LEAST_COST: Final = 0.5e-3
"""CPU time [s] of a step of an FMU below which a network does not pay: measured, the overhead of a step is the same."""
LEAST_GAIN: Final = 2.0
"""How many times faster a surrogate should be."""
AUDIT_DUTY: Final = 0.04
"""Share of the steps that the FMU takes along where the scenario does not say how often to audit."""
ROUND_OFF: Final = 1e-9


def substitute(
    scenario: Scenario, components: Mapping[str, LoadedComponent]
) -> tuple[dict[str, LoadedComponent], dict[str, Package], list[CosimError]]:
    """Return the components with surrogates where the scenario says so, the packages, and what does not fit."""
    changed, packages = dict(components), {}
    problems: list[CosimError] = []
    for name, entry in scenario.surrogates.items():
        if name not in scenario.components:
            text = f"'surrogates' names '{name}', which is no component.{nearest(name, scenario.components)}"
            problems.append(ScenarioError(text, location=entry.origin))
        elif name in components:
            try:
                folder, warning = package_folder(entry.package.text, scenario.folder)
                contents = read_contents(folder)
                is_behind = scenario.components[name].hosting.on_failure == "surrogate"
                if contents.architecture == HYBRID and is_behind:
                    raise StructureError("it is a network in its FMU, and cannot go on without that.")
                if contents.architecture == HYBRID:
                    changed[name] = _with_network(name, hybrid_of(contents), entry, components[name])
                else:
                    package = package_of(contents)
                    place = _backed if is_behind else _replaced
                    packages[name], changed[name] = package, place(name, package, entry, components[name])
            except CosimError as error:
                text = f"Surrogate of '{name}': {error.message}"
                problems.append(type(error)(text, component=name, location=error.location or entry.origin))
                continue
            if warning:
                warnings = (*changed[name].warnings, f"Surrogate of '{name}': {warning}")
                changed[name] = replace(changed[name], warnings=warnings)
    return changed, packages, problems


def _with_network(
    name: str, package: HybridPackage, entry: SurrogateEntry, component: LoadedComponent
) -> LoadedComponent:
    """Return the component with the network of ``package`` in it."""
    _require_same_fmu(name, package.fmu_sha256, component)
    known = component.description.variables
    named = [*package.facts.seen, *package.facts.corrected, *(item.name for item in package.facts.given)]
    missing = [item for item in named if item != TIME and item not in known]
    if missing:
        raise StructureError(f"it names '{missing[0]}', which '{name}' does not have. Train it again.")
    if (entry.audit or 0) > 0:
        raise StructureError("its FMU goes along at all times, so that 'audit' has nothing to compare. Remove 'audit'.")

    def instantiate() -> AbstractInstance:
        return HybridInstance(name, package, component.instantiate(), entry.policy)

    source = f"{component.source}, with the network of '{package.name}' (sha256 {package.sha256})"
    return _in_place(component, hybrid_interface(package.facts, component.description), instantiate, source)


def _require_same_fmu(name: str, trained: str, component: LoadedComponent) -> None:
    if component.sha256 != trained:
        raise StructureError(
            f"it was trained on an FMU with the SHA-256 {trained[:12]}…, and that of '{name}' has "
            f"{(component.sha256 or 'none')[:12]}…. Train it again on this FMU: cosim train <training file>."
        )


def _require_fit(name: str, package: Package, component: LoadedComponent) -> None:
    """Raise StructureError unless the package stands for this FMU."""
    _require_same_fmu(name, package.fmu_sha256, component)
    wrong = differences(package.interface, component.description)
    if wrong:
        raise StructureError(f"its interface is not that of the FMU: {'; '.join(wrong[:3])}. Train it again.")


def _require_gain(package: Package, entry: SurrogateEntry) -> None:
    """Raise StructureError unless it pays to use it."""
    cost = package.document["cost"]
    by_fmu, own = float(cost["fmu"]), float(cost["surrogate"])
    if not entry.although_slower and (by_fmu < LEAST_COST or by_fmu < LEAST_GAIN * own):
        raise StructureError(
            f"it would not pay. A step of {package.step:g} s takes the FMU {by_fmu * 1e6:.0f} µs and the surrogate "
            f"{own * 1e6:.0f} µs, measured when it was trained; an FMU should take {LEAST_COST * 1e6:.0f} µs, and "
            f"{LEAST_GAIN:g} times as long as its surrogate. Remove it, or write 'although_slower: true'."
        )


def _replaced(name: str, package: Package, entry: SurrogateEntry, component: LoadedComponent) -> LoadedComponent:
    _require_fit(name, package, component)
    _require_gain(package, entry)

    def instantiate() -> AbstractInstance:
        surrogate = SurrogateInstance(name, package, description)
        return GuardedInstance(name, surrogate, component.instantiate, entry.policy, _audits(package, entry))

    description = _shared_description(package, component)
    source = f"{component.source}, replaced by the surrogate '{package.name}' (sha256 {package.sha256})"
    return _in_place(component, description, instantiate, source)


def _backed(name: str, package: Package, entry: SurrogateEntry, component: LoadedComponent) -> LoadedComponent:
    """Return the FMU with its surrogate behind it."""
    from cosim.hosting.failure import REPAIR, HostFailure

    _require_fit(name, package, component)

    def instantiate() -> AbstractInstance:
        return ForwardInstance(
            name,
            SurrogateInstance(name, package, description),
            component.instantiate,
            entry.policy,
            loss=HostFailure,
            explain=lambda error: error.message.removesuffix(REPAIR),
        )

    description = _shared_description(package, component)
    source = f"{component.source}, with the surrogate '{package.name}' behind it (sha256 {package.sha256})"
    return _in_place(component, description, instantiate, source)


def _shared_description(package: Package, component: LoadedComponent) -> ComponentDescription:
    """Return the interface of the surrogate; a state is that of both, where the FMU is what goes on."""
    theirs = component.description.capabilities
    capabilities = replace(
        package.interface.capabilities,
        can_get_and_set_state=theirs.can_get_and_set_state,
        can_serialise_state=theirs.can_serialise_state,
    )
    return replace(package.interface, capabilities=capabilities)


def _in_place(
    component: LoadedComponent,
    description: ComponentDescription,
    instantiate: Callable[[], AbstractInstance],
    source: str,
) -> LoadedComponent:
    return replace(
        component,
        description=description,
        instantiate=instantiate,
        source=source,
        fmi_version="",
        distrust_state=None,
        resets=False,
    )


def _audits(package: Package, entry: SurrogateEntry) -> AuditPlan | None:
    audit = package.document.get("audit")
    if entry.audit is None or audit is None:
        return None
    n_steps = int(audit["steps"])
    every = Ticks(max(round(n_steps / AUDIT_DUTY), n_steps + 1) * to_ticks(package.step))
    limits = {str(key): float(value) for key, value in audit["limits"].items()}
    return AuditPlan(every if entry.audit < 0 else entry.audit, n_steps, limits)


def check_use(bound: Bound, packages: Mapping[str, Package], scenario: Scenario) -> list[CosimError]:
    """Return what the scenario asks of surrogates that they were not trained for: parameters and steps."""
    problems: list[CosimError] = []
    for name, package in packages.items():
        origin = scenario.surrogates[name].origin
        texts = [*_wrong_parameters(name, package, bound), *_wrong_steps(name, package, bound)]
        problems += [StructureError(text, component=name, location=origin) for text in texts]
    return problems


def _wrong_parameters(name: str, package: Package, bound: Bound) -> list[str]:
    starts = bound.experiment.start_values.get(name, {})
    texts = []
    for key, value in starts.items():
        if key not in package.interface.variables:
            texts.append(f"The surrogate of '{name}' has no '{key}' that could be set. Remove it, or the surrogate.")
            continue
        if key in package.input_names:
            continue
        unit = package.interface.variables[key].unit or ""
        low, high = package.document["parameters"].get(key, [package.document["fixed"].get(key)] * 2)
        number = float(value)
        room = ROUND_OFF * max(abs(low), abs(high))
        if not low - room <= number <= high + room:
            trained = f"with {low:g} {unit}" if low == high else f"from {low:g} to {high:g} {unit}"
            texts.append(
                f"{name}.{key} is {number:g} {unit}, and its surrogate was trained {trained.rstrip()}. "
                "Train it for that, or remove the surrogate."
            )
    return texts


def _wrong_steps(name: str, package: Package, bound: Bound) -> list[str]:
    texts = []
    for phase in bound.experiment.phases:
        if name not in phase.active:
            continue
        size, trained = phase.step_sizes.get(name, phase.step_size), to_ticks(package.step)
        if size != trained and not (package.model.can_divide_steps and size < trained):
            texts.append(
                f"In phase '{phase.name}' the step of '{name}' is {format_ticks(size)}, and its surrogate was trained "
                f"at {format_ticks(trained)}. Write it in the phase: 'step: {{{name}: …, others: …}}'."
            )
    return texts
