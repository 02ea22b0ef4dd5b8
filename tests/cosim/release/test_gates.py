"""A gate is passed by one value in evidence about what is released, and by nothing else."""

import json

import pytest

from cosim.errors import ReleaseError
from cosim.release.gates import Gate, checked_gate, judge, look_up
from cosim.release.suites import mentions

ABOUT = "ab" * 32
STUDY = {
    "answer": {
        "tables": {
            "fit.reactor.titre": {
                "columns": ["experiment", "use", "ratio"],
                "rows": [["batch_1", "fit", 0.9], [], 3, {"a": 1}, None],
            },
            "fit.reactor": {"columns": 3, "rows": [["titre", 1]]},
        }
    },
    "list": [1, {"x.y": 2}],
    "": {"": 3},
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("answer.tables.fit.reactor.titre.batch_1.ratio", 0.9),
        ("answer.tables.fit.reactor.titre.batch_1.use", "fit"),
        ("answer.tables.fit.reactor.columns", 3),
        ("list.0", 1),
        ("list.1.x.y", 2),
        ("answer.tables.fit.reactor.titre.rows.0.2", 0.9),
    ],
)
def test_values_by_their_path(path, value):
    assert look_up(STUDY, path) == value


@pytest.mark.parametrize(
    "path",
    ["answer.table", "list.2", "list.²", "list.-1", "x", ".", "..", "answer.tables.fit.reactor.titre.batch_2.ratio"],
)
def test_paths_to_nowhere(path):
    missing = look_up(STUDY, path)
    assert missing is look_up({}, "nothing")
    assert missing is not None


def verdict(document, **written):
    gate = checked_gate("g", {"evidence": "e.json", **written}, "main.fmu")
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    finding = judge(gate, {"e.json": "cd" * 32, "main.fmu": ABOUT}, lambda digest: data)
    return finding.state, finding.text


@pytest.mark.parametrize(
    ("document", "written", "state", "text"),
    [
        ({"good": True, "of": ABOUT}, {}, "passed", "good is true; it should be true"),
        ({"good": 1, "of": ABOUT}, {}, "failed", "good is 1; it should be true"),
        ({"good": "true", "of": ABOUT}, {}, "failed", 'good is "true"; it should be true'),
        ({"good": True, "of": ABOUT.upper()}, {}, "failed", "the SHA-256 of 'main.fmu' is nowhere in it"),
        ({"good": True, "of": f"x{ABOUT}"}, {}, "failed", "is about something else"),
        ({"good": True}, {"about": "nothing"}, "passed", "good is true"),
        ({"good": True, "of": ABOUT}, {"about": "other.fmu"}, "failed", "the SHA-256 of 'other.fmu' is nowhere in it"),
        ({"e": 0.05, "of": ABOUT}, {"value": "e", "at_most": 0.05}, "passed", "e is 0.05; it should be at most 0.05"),
        ({"e": 0.051, "of": ABOUT}, {"value": "e", "at_most": 0.05}, "failed", "it should be at most 0.05"),
        ({"e": 5, "of": ABOUT}, {"value": "e", "at_least": 6}, "failed", "it should be at least 6"),
        ({"e": 6, "of": ABOUT}, {"value": "e", "at_least": 6}, "passed", "it should be at least 6"),
        ({"e": None, "of": ABOUT}, {"value": "e", "at_most": 1}, "failed", "e is null, and not a number"),
        ({"e": True, "of": ABOUT}, {"value": "e", "at_most": 1}, "failed", "e is true, and not a number"),
        (f'{{"e": NaN, "of": "{ABOUT}"}}'.encode(), {"value": "e", "at_most": 1}, "failed", "e is NaN, and not a"),
        (f'{{"e": -1e999, "of": "{ABOUT}"}}'.encode(), {"value": "e", "at_most": 1}, "failed", "and not a number"),
        ({"of": ABOUT}, {"value": "e", "at_most": 1}, "failed", "'e.json' has no 'e'"),
        ({"new": 1, "old": 2, "of": ABOUT}, {"value": "new", "below": "old"}, "passed", "it should be below 2"),
        ({"new": 2, "old": 2, "of": ABOUT}, {"value": "new", "below": "old"}, "failed", "it should be below 2"),
        ({"new": 2, "of": ABOUT}, {"value": "new", "below": "old"}, "failed", "'e.json' has no 'old'"),
        (
            f'{{"e": {"9" * 400}, "of": "{ABOUT}"}}'.encode(),
            {"value": "e", "at_least": 1},
            "failed",
            "and not a number to compare",
        ),
        (b"\xff", {}, "failed", "'e.json' is not JSON"),
        (b"[" * 200_000, {}, "failed", "'e.json' is not JSON"),
        (b"1" * 10_000, {}, "failed", "'e.json' is not JSON"),
    ],
)  # fmt: skip
def test_verdicts(document, written, state, text):
    found, told = verdict(document, **written)
    assert (found, text in told) == (state, True), told


def suite(*cases):
    """What `cosim regress --json` prints."""
    names = ("case", "compilers", "status", "reason", "models", "models_against")
    return {"cases": [dict(zip(names, case, strict=False)) for case in cases]}


BASELINE = ("fed_batch", ["cosim"], "passed", "", {"reactor": ABOUT})
BESIDE = ("tools", ["omc", "cosim"], "passed", "", {"reactor": "ef" * 32}, {"reactor": ABOUT})


@pytest.mark.parametrize(
    ("document", "state", "text"),
    [
        (suite(BASELINE, BESIDE), "passed", "two compilers agree: tools"),
        (suite(BASELINE), "failed", "compares no two compilers: no case of it has a 'compiler'"),
        (suite(), "failed", "compares no two compilers"),
        ([], "failed", "compares no two compilers"),
        ({"cases": [3, {"compilers": "omc"}, {"compilers": [1, 2]}]}, "failed", "compares no two compilers"),
        (suite((*BESIDE[:2], "failed")), "failed", "omc and cosim do not agree: the case 'tools' is failed"),
        (suite(BESIDE, (*BESIDE[:2], "error")), "failed", "the case 'tools' is error"),
        (
            suite(BASELINE, (*BESIDE[:2], "skipped", "OpenModelica is not installed here")),
            "missing",
            "omc and cosim were not compared where 'e.json' was made (the case 'tools': OpenModelica is not installed",
        ),
        (suite((*BESIDE[:4], {"x": ABOUT}, {"x": ABOUT})), "failed", "for other models"),
        (suite(BASELINE, (*BESIDE[:4], {}, {})), "failed", "for other models than what is released"),
    ],
)
def test_two_compilers(document, state, text):
    found, told = verdict(document, compilers="agree")
    assert (found, text in told) == (state, True), told


@pytest.mark.parametrize("written", [{"compilers": "both"}, {"compilers": "agree", "value": "x"}, {"at_most": 1}])
def test_gates_that_are_none(written):
    with pytest.raises(ReleaseError, match=r"The gate 'g' (takes|has 'compilers: both')"):
        checked_gate("g", {"evidence": "e.json", **written}, "main.fmu")


CASE = {
    "case": "ramp", "status": "passed", "compared_with": "baseline 12 of 2026-11-21", "baseline_sha256": "12",
    "compilers": ["cosim"], "models": {"x": ABOUT}, "models_against": {},
}  # fmt: skip
TOLD = {"suite": "tanks", "exit_code": 0, "left_out": [], "settings_sha256": "56", "cases": [CASE]}


@pytest.mark.parametrize(
    ("told", "hashes", "state"),
    [
        ({}, None, "passed"),
        ({}, {"12", "56"}, "passed"),
        ({}, {"34", "56"}, "failed"),
        ({}, {"12"}, "failed"),
        ({"baseline_sha256": ["12"]}, {"34", "56"}, "failed"),
        ({"baseline_sha256": ""}, {"12", "56"}, "failed"),
        ({"compared_with": "data batch.csv"}, set(), "passed"),
    ],
)
def test_baselines_of_evidence(told, hashes, state):
    gate = checked_gate("g", {"evidence": "e", "value": "exit_code", "equals": 0}, "m")
    data = json.dumps({**TOLD, "cases": [{**CASE, **told}]}).encode()
    assert judge(gate, {"e": "cd" * 32, "m": ABOUT}, lambda _: data, lambda: hashes).state == state


@pytest.mark.parametrize("name", ["left_out", "settings_sha256", *CASE])
def test_evidence_that_does_not_tell_all(name):
    cases = [{key: value for key, value in CASE.items() if key != name}]
    told = {key: value for key, value in {**TOLD, "cases": cases}.items() if key != name}
    state, text = verdict(told, value="exit_code", equals=0)
    assert state == "failed"
    assert text.startswith(f"'e.json' does not tell '{name}'")
    assert text.endswith("it is of an earlier cosim, or was changed. Run the suite again")
    assert "what its case 1 is" in verdict({**TOLD, "cases": [CASE, 3]}, value="exit_code", equals=0)[1]


@pytest.mark.parametrize(
    ("compared_with", "state"),
    [
        ("baseline 12 of 2026-11-21", "passed"),
        ("baseline 12 of 2026-11-21, approved in b@1", "passed"),
        ("baseline 12 of 2026-11-21, unapproved", "failed"),
    ],
)
def test_what_counted_once_still_did_so_then(compared_with, state):
    told = {"suite": "s", "exit_code": 0, "cases": [{"case": "ramp", "compared_with": compared_with}]}
    gate = checked_gate("g", {"evidence": "e", "value": "exit_code", "equals": 0, "about": "nothing"}, "m")
    found = [
        judge(gate, {"e": "cd" * 32}, lambda _: json.dumps(told).encode(), lambda: {"34"}, is_past=is_past).state
        for is_past in (True, False)
    ]
    assert found == [state, "failed"]


def test_evidence_that_leaves_something_out():
    told = TOLD
    written = {"value": "exit_code", "equals": 0}
    assert verdict(told, **written)[0] == "passed"
    assert verdict({**told, "left_out": ["hard", "odd"]}, **written) == (
        "failed",
        "'e.json' leaves out cases of the suite 'tanks' (hard, odd): run it without --case",
    )
    assert verdict({**suite(BESIDE), "suite": "tanks", "left_out": ["omc"]}, compilers="agree")[0] == "failed"


def test_evidence_about_what_the_model_stands_beside():
    case = {**CASE, "models": {"x": "ef" * 32}, "models_against": {"x": ABOUT}}
    told = {**TOLD, "cases": [case]}
    written = {"value": "exit_code", "equals": 0}
    assert verdict(told, **written) == (
        "failed",
        "'e.json' is about something else: the SHA-256 of 'main.fmu' is among none of its 'models'",
    )
    turned = {**case, "models": case["models_against"], "models_against": case["models"]}
    assert verdict({**told, "cases": [case, turned]}, **written)[0] == "passed"


def test_evidence_of_several_suites():
    told = {"suite": "tanks", "exit_code": 0, "left_out": ["hard"], "cases": [{"models": {"x": ABOUT}}]}
    state, text = verdict([told, told], value="0.exit_code", equals=0)
    assert (state, text) == (
        "failed",
        "'e.json' holds the outcomes of several suites: make evidence of each by itself",
    )


def test_no_evidence_yet():
    gate = Gate("g", "e.json", "good", "equals", True, "")
    assert judge(gate, {}, lambda digest: b"").state == "missing"


def test_what_is_mentioned():
    assert mentions({"a": [{"b": ABOUT}]}, ABOUT)
    assert not mentions({ABOUT: [{"b": 1}]}, ABOUT)


def test_a_path_that_is_too_long():
    with pytest.raises(ReleaseError, match="a path longer than 500 characters"):
        checked_gate("g", {"evidence": "e", "value": "a." * 300, "equals": 1}, "m")
