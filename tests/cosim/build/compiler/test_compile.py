"""The hand-over of a compiled model: variables, tables, dependencies."""

import re
from pathlib import Path

import pytest

from cosim.build.compiler import compile_model
from cosim.build.frontend.loader import load_flat
from cosim.build.frontend.source import ModelicaSource
from cosim.build.model import BaseType, CompiledModel, ModelVariable, Slot
from cosim.errors import ModelError

CASES = Path(__file__).parents[3] / "modelica" / "models"


def compiled(path: Path, name: str) -> CompiledModel:
    return compile_model(load_flat(ModelicaSource.discover([path]), name))


def compiled_text(folder: Path, text: str) -> CompiledModel:
    (folder / "Lib.mo").write_text(f"package Lib\n{text}\nend Lib;\n")
    return compiled(folder / "Lib.mo", "Lib.M")


def by_name(model: CompiledModel) -> dict[str, ModelVariable]:
    return {variable.name: variable for variable in model.variables}


CONNECTORS = """
  connector Inlet
    input Real V_flow(unit="m3/s", start=2);
    output Real demand;
  end Inlet;
  connector Outlet
    output Real c[2];
    input Real demand;
  end Outlet;
  model M
    Inlet feed;
    Outlet outlet;
    parameter Real k(min=0, max=5)=3;
    parameter Real only_at_start=1;
    parameter Real doubled=2*k;
    final parameter Real fixed_number=7;
    parameter Integer n=2;
    Real x(start=only_at_start, fixed=true, nominal=100, unit="kg");
  protected
    Real hidden;
  equation
    hidden = doubled*x;
    der(x) = feed.V_flow - hidden;
    feed.demand = outlet.demand;
    for i in 1:n loop
      outlet.c[i] = x*i;
    end for;
  end M;
"""


def test_members_of_top_level_connectors_face_the_outside(tmp_path: Path) -> None:
    variables = by_name(compiled_text(tmp_path, CONNECTORS))
    expected = {"feed.V_flow": "input", "feed.demand": "output", "outlet.c[2]": "output", "outlet.demand": "input"}
    assert {name: variables[name].causality for name in expected} == expected
    assert variables["feed.V_flow"].start == 2.0


def test_parameters_by_what_they_can_still_change(tmp_path: Path) -> None:
    variables = by_name(compiled_text(tmp_path, CONNECTORS))
    assert (variables["k"].slot, variables["k"].variability) == (Slot.PARAMETER, "tunable")
    assert (variables["k"].minimum, variables["k"].maximum) == (0.0, 5.0)
    assert (variables["only_at_start"].slot, variables["only_at_start"].variability) == (Slot.PARAMETER, "fixed")
    assert variables["doubled"].causality == "calculatedParameter"
    assert (variables["n"].slot, variables["n"].type, variables["n"].start) == (Slot.CONSTANT, BaseType.INTEGER, 2.0)
    assert (variables["fixed_number"].slot, variables["fixed_number"].start) == (Slot.CONSTANT, 7.0)


def test_protected_variables_are_not_shown(tmp_path: Path) -> None:
    assert "hidden" not in by_name(compiled_text(tmp_path, CONNECTORS))


def test_states_have_derivatives_nominals_and_exact_starts(tmp_path: Path) -> None:
    model = compiled_text(tmp_path, CONNECTORS)
    variables = by_name(model)
    assert (variables["x"].slot, variables["x"].initial, variables["x"].start) == (Slot.STATE, "exact", 1.0)
    assert variables["der(x)"].derivative_of == "x"
    assert variables["der(x)"].unit == "kg/s"
    assert model.state_nominals == (100.0,)


def test_dependencies_go_through_what_is_between(tmp_path: Path) -> None:
    known = compiled_text(tmp_path, CONNECTORS).dependencies
    assert known["der(x)"] == ("x", "feed.V_flow")
    assert known["outlet.c[1]"] == ("x",)
    assert known["feed.demand"] == ("outlet.demand",)


def test_free_states_are_those_the_initial_equations_need() -> None:
    model = compiled(CASES, "Cases.SteadyStart")
    variables = by_name(model)
    assert model.free_states == (0, 1)
    assert variables["x"].initial == "approx"
    assert [message.text for message in model.asserts] == ["The concentration became negative."]


def test_relations_of_time_are_announced() -> None:
    relations = compiled(CASES, "Cases.FedBatchBolus").relations
    assert sorted((relation.is_time, relation.strict) for relation in relations) == [
        (False, True), (True, False), (True, True),
    ]  # fmt: skip


def test_a_block_of_iterates_has_start_bounds_and_nominal() -> None:
    model = compiled(CASES, "Cases.ChargeBalance")
    assert (model.z_names, model.z_nominals, model.z_minimum) == (("H",), (1e-5,), (0.0,))
    assert [(block.offset, block.size, block.level) for block in model.blocks] == [(0, 1, 0)]


def test_enumerations_of_variables_are_listed() -> None:
    model = compiled(CASES, "Cases.FedBatchBolus")
    items = (("Batch", "before the feed starts"), ("Feed", "fed-batch"), ("Done", "ready for harvest"))
    assert [(item.name, item.items) for item in model.enumerations] == [("Cases.Mode", items)]
    mode = by_name(model)["mode"]
    assert (mode.type, mode.enumeration, mode.start) == (BaseType.ENUMERATION, "Cases.Mode", 1.0)


def test_the_c_code_of_a_loop_does_not_grow_with_the_cells() -> None:
    source = ModelicaSource.discover([CASES])
    sizes = []
    for cells in (100, 400):
        code = compile_model(load_flat(source, "Cases.KineticColumn", {"N": cells})).c_source
        sizes.append(sum(1 for line in code.splitlines() if re.search("[A-Za-z]", line.removeprefix("static const"))))
    assert sizes[1] == sizes[0]


def test_an_event_value_that_needs_an_iteration_changed_by_the_event_is_refused(tmp_path: Path) -> None:
    text = """
      model M
        Real x(start=0, fixed=true);
        discrete Real a(start=1, fixed=true);
        discrete Real b(start=0, fixed=true);
        Real z(start=1);
      equation
        der(x) = 1;
        z + exp(z) = a;
        when x > 0.5 then
          a = 2;
        end when;
        when x > 0.5 then
          b = z;
        end when;
      end M;
    """
    with pytest.raises(ModelError, match=r"Lib\.mo:\d+: b is assigned in a when from z, which is found by iteration"):
        compiled_text(tmp_path, text)


def test_two_whens_for_one_variable_are_refused(tmp_path: Path) -> None:
    text = """
      model M
        Real x(start=0, fixed=true);
        discrete Real a(start=1, fixed=true);
      equation
        der(x) = 1;
        when x > 0.5 then
          a = 2;
        end when;
        when x > 0.7 then
          a = 3;
        end when;
      end M;
    """
    with pytest.raises(ModelError, match=r"Lib\.mo:\d+: A variable is assigned in two when clauses.*elsewhen"):
        compiled_text(tmp_path, text)


def test_a_discrete_variable_that_reads_itself_is_refused(tmp_path: Path) -> None:
    text = """
      model M
        Real x(start=0, fixed=true);
        discrete Real n(start=0, fixed=true);
      equation
        der(x) = 1;
        when x > 0.5 then
          n = n + 1;
        end when;
      end M;
    """
    with pytest.raises(ModelError, match=r"Lib\.mo:\d+: n is assigned in a when from itself\. Write pre\(n\)"):
        compiled_text(tmp_path, text)
