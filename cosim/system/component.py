"""Components: the declared parts of a system, and what their instances can do."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cosim.errors import SourceLocation
from cosim.system.stream import Port, Species
from cosim.system.variable import Variable


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an instance declares it can do; algorithms and phases check it before the first step."""

    can_vary_step: bool = True
    can_get_and_set_state: bool = False
    can_serialise_state: bool = False
    provides_directional_derivatives: bool = False
    can_interpolate_inputs: bool = False
    max_output_derivative_order: int = 0
    can_be_instantiated_only_once: bool = False
    needs_execution_tool: bool = False
    fixed_step: float | None = None
    """Only communication step size the instance accepts [s]; None: any."""


@dataclass(frozen=True, slots=True)
class ComponentDescription:
    """The interface of a model: variables, ports, capabilities.

    ``feedthrough`` maps an output to the inputs it depends on directly; an output that is missing from it may depend on
    all inputs. ``initial_dependencies`` does so for initialisation. ``ports`` are the stream ports found among the
    variables, ``species`` what is known of their species.
    """

    model: str
    variables: Mapping[str, Variable]
    capabilities: Capabilities = Capabilities()
    feedthrough: Mapping[str, frozenset[str]] = field(default_factory=dict)
    initial_dependencies: Mapping[str, frozenset[str]] = field(default_factory=dict)
    ports: Mapping[str, Port] = field(default_factory=dict)
    species: Mapping[str, Species] = field(default_factory=dict)
    default_step_size: float | None = None
    """Communication step the model's author suggests [s]."""
    states_defaults: bool = True
    """Inputs have a start value only where the author means it as a default; False: also where a format demands it."""


@dataclass(frozen=True, slots=True)
class Component:
    """A named part of a system with the description of its instance."""

    name: str
    description: ComponentDescription
    origin: SourceLocation | None = None
