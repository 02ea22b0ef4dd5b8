"""One feature of the language per file of ``features``: the value of ``y`` at t = 1, or the error with the rewrite."""

import math
from collections.abc import Mapping
from pathlib import Path

import fmpy
import pytest
from many_builds import build_many

from cosim.build.builder import build
from cosim.errors import ModelError

FEATURES = Path(__file__).parent / "features"
EXP_1, EXP_2, EXP_3 = math.exp(-1), math.exp(-2), math.exp(-3)
TOLERANCE = 1e-6
PH = 4.2574267  # root of the charge balance at 0.05 mol/L · exp(-0.2)

VALUES: Mapping[str, float] = {
    "ValveInLoop": 0.6001 + math.fmod(1 - 0.63235, 1.5 * 0.0215),
    "CellsWithLoops": EXP_1 + EXP_2 + EXP_3 + math.exp(-4),
    "SampleAtStart": 14.0,
    "EnumerationEquation": 1.25 + 0.7,
    "MatrixFunction": 15 + EXP_1 + 2 * EXP_2 + 3 * EXP_3,
    "NamedArguments": 12.0,
    "SeriesOfResistors": 1 - math.exp(-0.2),
    "ArrayModification": 2 * EXP_1 + 5 * EXP_3,
    "DeclarationEquations": 1 / 13 + 24,
    "ArrayRowsInLoop": 2 * (EXP_1 + EXP_2 + EXP_3),
    "RootOfUnusedBranch": 0.0,
    "RecordVariables": 3 * EXP_2,
    "InitialOrCondition": 2.0,
    "IfEquations": 2 * EXP_1,
    "ComponentsInLoop": 1 - 2.5 * EXP_1,
    "ComponentsInNestedLoop": 16.0,
    "LoopsOfPh": PH,
    "ChangeOfBoolean": 13.0,
    "WhenAfterWhen": 2.0,
    "SolvedParameters": EXP_2,
    "AlgebraicFromState": EXP_1,
    "Annotations": EXP_1,
    "ArrayComprehension": EXP_1 + EXP_2,
    "ArrayOfCompWithWhen": 6.0,
    "ArraySliceEq": EXP_2,
    "AssertTerminate": EXP_1,
    "ConditionalComponent": EXP_2,
    "ConditionalConnector": EXP_3,
    "ConnectorArrayComposite": EXP_2,
    "CoupledDerLinear": 1 / 3,
    "DiscreteEqBool": 2.0,
    "EdgeOfBoolean": 1.0,
    "EnumArrayIndex": EXP_2,
    "EnumForLoop": EXP_2,
    "ExternalFunction": 2 * math.atan(math.tan(0.5) * EXP_1),
    "IfEquationEvent": 2.0,
    "ImplicitDer": math.exp(-0.5),
    "ImportUnqualified": EXP_2,
    "InnerOuter": EXP_3,
    "IntegerDivMod": EXP_2,
    "LibraryUnits": EXP_1,
    "MatrixOps": EXP_2,
    "MaxMinAbsSign": EXP_2,
    "PackageConstants": EXP_2,
    "ParamFixedFalse": EXP_2,
    "ParamFixedFalseFreeState": EXP_2,
    "RecordArgument": EXP_2,
    "RedeclareReplaceable": EXP_2,
    "ReinitOnly": 2.0,
    "ReinitSingle": 2.0,
    "ReinitStateEvent": 0.5,
    "ReplaceableModel": EXP_2,
    "SampleEq": 5.0,
    "SeveralOutputs": EXP_2,
    "SizeParamFromParam": EXP_2,
    "StartArrayByFunction": 3 * EXP_1,
    "StartNotFixed": 2 * EXP_1,
    "StateSelection": EXP_1,
    "StreamConnector": EXP_3,
    "StringParam": EXP_1,
    "TransposeCatLinspace": EXP_2,
    "VectorOutput": EXP_1 + EXP_2,
}

REFUSED: Mapping[str, str] = {
    "RepeatedEquations": r"RepeatedEquations\.mo:\d+: [ab], [ab] cannot be computed: Some equations repeat",
    "RootOfNegative": r"RootOfNegative\.mo:\d+: sqrt\(\) is applied to a constant outside its domain, such as -1",
    "BooleanWithoutEvent": r"BooleanWithoutEvent\.mo:\d+: k is discrete, but follows the continuous x .* when",
    "TwoTiedStates": r"index above 1.* Index reduction is not supported",
    "StatesOverdetermined": r"over-determined: initial equation 1 finds nothing .* x has fixed=true",
    "StartsUndetermined": r"StartsUndetermined\.mo:3: .*under-determined: k with fixed=false",
    "UnknownName": r"UnknownName\.mo:6: .*'rate'.* der\(x\) = -rate\*x;",
    "MissingSemicolon": r"MissingSemicolon\.mo:4: Modelica syntax: unexpected .output.* semicolon",
    "ParametersInACircle": r"circle|cycl",
    "AlgorithmOfModel": r"AlgorithmOfModel\.mo:\d+: An algorithm section .* into a function",
    "Delay": r"Delay\.mo:\d+: delay\(\) is not supported.*tanks in series",
    "DerOfExpr": r"DerOfExpr\.mo:\d+: der\(\) of an expression .* chain rule",
    "ExpandableConnector": r"ExpandableConnector\.mo:\d+: Expandable connectors .* ordinary connector",
    "InitialAlgorithm": r"InitialAlgorithm\.mo:\d+: An initial algorithm .* start values",
    "RecordArray": r"RecordArray\.mo:\d+: An array of records .* one parameter array for each field",
    "WhenInFor": r"WhenInFor\.mo:\d+: An array element assigned in a when .* array of components",
    "WhileInFunction": r"WhileInFunction\.mo:\d+: A while loop .* for loop",
}


@pytest.fixture(scope="session")
def feature_fmus(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    names = [f"{name}.Test" for name in VALUES]
    built = build_many(names, search_path=[FEATURES], output=tmp_path_factory.mktemp("features"))
    return {fmu.class_name.removesuffix(".Test"): fmu.path for fmu in built}


@pytest.mark.parametrize("name", VALUES)
def test_a_feature_gives_its_value(feature_fmus: dict[str, Path], name: str) -> None:
    for fmi_type, tolerance in (("CoSimulation", TOLERANCE), ("ModelExchange", 10 * TOLERANCE)):
        result = fmpy.simulate_fmu(
            str(feature_fmus[name]),
            fmi_type=fmi_type,
            stop_time=1.0,
            output_interval=0.1,
            output=["y"],
            relative_tolerance=1e-8,
        )
        assert result["y"][-1] == pytest.approx(VALUES[name], rel=tolerance, abs=tolerance), fmi_type


@pytest.mark.parametrize("name", REFUSED)
def test_a_limit_is_an_error_with_the_rewrite(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError, match=REFUSED[name]):
        build([f"{name}.Test"], search_path=[FEATURES], output=tmp_path, fmi_versions=["2.0"], jobs=1)
    assert not list(tmp_path.iterdir())


def test_every_feature_file_is_tested() -> None:
    assert {path.stem for path in FEATURES.glob("*.mo")} == {*VALUES, *REFUSED}
