"""FMUs that claim to go back in time and do not are found out before a run, and run as those that do not claim it."""

import warnings
from pathlib import Path

import pytest
from faulty import LIES, build_faulty, fault

import cosim

SCENARIO = """\
scenario: claims
components:
  honest: {{source: faulty{fmi}.fmu, host: inline, fmi: {interface}}}
  liar: {{source: faulty{fmi}.fmu, host: inline, fmi: {interface}}}
connections: [honest.y -> liar.u, liar.y -> honest.u]
parameters:
  honest: {{gain: 0}}
  liar: {{drift: 1e-3{start}}}
phases:
  run: {{active: [honest, liar], step: 1 s, {ending}}}
algorithm: {algorithm}
"""
DURATION, CONDITION = "duration: 3 s", "until: honest.y > 0.8, at_most: 3 s"
LATE = "In phase 'run' conditions act at the next communication point, up to 1 s late: liar cannot go back in time"
CLAIM = "'liar' cannot go back in time although its FMU declares canGetAndSetFMUState: "


@pytest.fixture(params=["2.0", "3.0"])
def fmi(request, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    build_faulty(Path(f"faulty{request.param[0]}.fmu"), request.param)
    return request.param


def write(fmi, start, *, interface="co-simulation", algorithm="gauss_seidel", ending=CONDITION):
    written = "".join(f", {name}: {value}" for name, value in start.items())
    text = SCENARIO.format(fmi=fmi[0], interface=interface, algorithm=algorithm, ending=ending, start=written)
    Path("claims.yaml").write_text(text)
    return "claims.yaml"


def warned(path):
    """What is said of going back before the run; that conditions will come late follows from it, and goes without."""
    texts = [text for text in cosim.check(path).warnings if "go back" in text]
    found = [text for text in texts if not text.startswith(LATE)]
    assert len(found) == len(texts) - ("until" in Path(path).read_text() and bool(found))
    return found


@pytest.mark.filterwarnings("ignore:In phase 'run' conditions act")
@pytest.mark.parametrize("interface", ["co-simulation", "model-exchange"])
@pytest.mark.parametrize(
    ("start", "why"),
    [
        (
            {"lie": LIES["forgets"]},
            r"x was 0 when its state was saved and 0\.63212\d+ when restored\. It is run as one",
        ),
        ({"lie": LIES["half"]}, r"x was 0 when its state was saved"),
        (fault("get state", "error"), r"Saving the state failed at t = 0 s in 'liar' \(fmi.GetFMU.tate → Error\)"),
        (fault("set state", "discard"), r"Restoring the state failed .* in 'liar' \(fmi.SetFMU.tate → Discard\)"),
    ],
    ids=["forgets", "half", "save", "restore"],
)
def test_a_wrong_claim_is_said_and_the_run_goes_on(fmi, interface, start, why):
    path = write(fmi, start, interface=interface)
    (text,) = warned(path)
    assert text.startswith(CLAIM)
    with pytest.warns(cosim.run.ScenarioWarning, match=why):
        result = cosim.run(path)
    assert result.status == "completed"
    assert any(CLAIM in warning for warning in result.outcome.warnings)
    assert any("was noticed up to 1 s late" in warning for warning in result.outcome.warnings)


def test_what_is_hidden_shows_when_a_step_is_repeated(fmi):
    assert warned(write(fmi, {"lie": LIES["hidden"]})) == [
        f"{CLAIM}der(x) was 1 when its state was saved and 1.001 when restored. It is run as one without state access. "
        "Ask its author for a repair."
    ]


def test_the_algorithm_is_told(fmi):
    texts = warned(write(fmi, {"lie": LIES["forgets"]}, algorithm="adaptive"))
    assert [text.partition(":")[0] for text in texts] == [CLAIM.partition(":")[0], "'liar' cannot go back in time"]


def test_an_honest_one_is_believed(fmi):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for interface in ("co-simulation", "model-exchange"):
            assert cosim.run(write(fmi, {}, interface=interface)).status == "completed"


def test_nothing_is_tried_that_is_not_needed(fmi):
    assert warned(write(fmi, {"lie": LIES["forgets"]}, ending=DURATION)) == []


def test_a_state_that_cannot_be_restored_later_is_a_failure(fmi):
    result = cosim.run(write(fmi, fault("set state", "error", at=0.5)))
    assert result.status == "failed"
    assert "Restoring the state failed" in result.outcome.reason
    assert result.outcome.failure["component"] == "liar"
    assert list(result.outcome.failure["inputs"]) == ["u"]


def test_what_an_fmu_says_while_it_is_tried_is_not_heard_twice(fmi, caplog):
    path = write(fmi, fault("exit", "warning"), ending=CONDITION)
    with caplog.at_level("WARNING", "cosim.fmu"):
        cosim.run(path)
    assert caplog.messages == ["liar: the pump is cavitating"]
