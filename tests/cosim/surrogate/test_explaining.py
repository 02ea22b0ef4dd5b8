"""Effects and dependences of a model whose formula is known."""

import json
import re
from types import SimpleNamespace

import numpy as np
import pytest

from cosim.surrogate.architectures.contract import Advance
from cosim.surrogate.explained import explanation
from cosim.surrogate.explaining import explain
from cosim.surrogate.model import Plan, Range, Runs

N_STEPS = 20


class Known:
    """y = 3 a + u + 0·v, z = a u: a is a parameter, u and v are inputs; a constant beside them."""

    step_size = 60.0
    output_names = ("y", "z", "constant")
    judged_names = ("y", "z", "constant")
    n_remembered = None

    def begin(self, tensors, parameters):
        return np.zeros((len(parameters), 1))

    def advance(self, tensors, state, inputs, parameters, size):
        return Advance(state + size, state, np.zeros(len(state)))

    def outputs(self, tensors, state, inputs, parameters):
        a, u = parameters[:, 0], inputs[:, 0]
        return np.stack([3 * a + u, a * u, np.full(len(a), 7.0)], axis=1)


PLAN = Plan(
    step=60 * 10**9, n_steps=N_STEPS, parameters=(Range("a", 0.0, 2.0), Range("fixed", 1.0, 1.0)),
    inputs=(Range("u", 0.0, 2.0), Range("v", -1.0, 1.0, "steps", every=5)), input_names=("u", "v"),
    output_names=Known.output_names, starts={"u": 0.0, "v": 0.0}, seed=1,
)  # fmt: skip


@pytest.fixture(scope="module")
def explained():
    random = np.random.default_rng(0)
    learned = Runs(random.random((8, 1)), np.zeros((8, N_STEPS, 2)), random.random((8, N_STEPS + 1, 3)))
    learned.outputs[..., 2] = 7.0
    return explain(Known(), {}, PLAN, learned, ())


def test_effects_are_shares_of_variance(explained):
    assert list(explained["effects"]) == ["y", "z"]  # what does not vary has no causes
    effects = explained["effects"]["y"]
    assert effects["a"] == pytest.approx(0.9, abs=0.15)
    assert effects["u"] == pytest.approx(0.1, abs=0.04)
    assert effects["v"] == 0.0


def test_what_acts_together_adds_up_to_more_than_one(explained):
    # z = a u with both uniform from 0 to 2: total effects (1/3)(4/3)/(7/9) = 4/7 each
    effects = explained["effects"]["z"]
    assert effects["a"] == pytest.approx(4 / 7, abs=0.15)
    assert effects["u"] == pytest.approx(4 / 7, abs=0.15)


def test_dependences_follow_the_formula(explained):
    found = {(entry["factor"], entry["output"]): entry for entry in explained["dependences"]}
    assert set(found) == {("a", "y"), ("u", "y"), ("a", "z"), ("u", "z")}  # v matters to none
    for factor, slope in (("a", 3.0), ("u", 1.0)):
        entry = found[factor, "y"]
        assert (entry["values"][0], entry["values"][-1]) == (0.0, 2.0)
        assert entry["mean"][-1] - entry["mean"][0] == pytest.approx(2 * slope)
        assert all(
            low <= mean <= high for low, mean, high in zip(entry["low"], entry["mean"], entry["high"], strict=True)
        )


def test_the_envelope_holds_all_training_runs(explained):
    envelope = explained["envelope"]
    assert envelope["times"][-1] == N_STEPS * 60.0
    least, low, middle, high, most = (np.array(part) for part in envelope["outputs"]["y"])
    assert ((least <= low) & (low <= middle) & (middle <= high) & (high <= most)).all()


def test_it_is_drawn_without_anything_from_elsewhere(explained):
    text = "".join(explanation({"explained": json.loads(json.dumps(explained)), "units": {"y": "kg/m3", "a": None}}))
    assert text.count("<svg") == 3
    assert "y [kg/m³]" in text
    assert not re.search(r"nan|inf\b|https?:|<script", text)


def test_hostile_names_stay_text():
    entry = {"<b>": {"<script>": 0.5}}
    envelope = {"times": [0.0, 1.0], "quantiles": [], "outputs": {"<b>": [[0.0, 1.0]] * 5}}
    text = "".join(
        explanation({"explained": {"effects": entry, "runs": 9, "dependences": [], "envelope": envelope}, "units": {}})
    )
    assert "<script" not in text
    assert "<b>" not in text


def test_a_package_without_it_has_no_such_section():
    assert explanation({"units": {}}) == []


def test_a_slow_model_is_explained_by_fewer_runs(monkeypatch):
    from cosim.surrogate import explaining

    monkeypatch.setattr(explaining, "AFFORDABLE", 1e-9)
    learned = Runs(np.zeros((3, 1)), np.zeros((3, N_STEPS, 2)), np.random.default_rng(0).random((3, N_STEPS + 1, 3)))
    found = explain(Known(), {}, PLAN, learned, ["y"])
    assert found["runs"] == explaining.LEAST_RUNS
    assert found["effects"]["y"]["a"] > 3 * found["effects"]["y"]["u"]


def test_nothing_varies():
    plan = Plan(**{**{name: getattr(PLAN, name) for name in PLAN.__slots__}, "parameters": (), "inputs": ()})
    known = SimpleNamespace(**{name: getattr(Known(), name) for name in dir(Known()) if not name.startswith("_")})
    known.outputs = lambda tensors, state, inputs, parameters: np.zeros((len(state), 3))
    learned = Runs(np.empty((3, 0)), np.zeros((3, N_STEPS, 2)), np.random.default_rng(0).random((3, N_STEPS + 1, 3)))
    found = explain(known, {}, plan, learned, ["y"])
    assert found["effects"] == {"y": {}}
    assert found["dependences"] == []
    assert explanation({"explained": found, "units": {}})
