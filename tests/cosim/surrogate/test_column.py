"""A column that is computed by hand: what is exact is found, nothing is lost, and what moves is learned."""

import json
from dataclasses import replace

import numpy as np
import pytest

from cosim.clock import Ticks
from cosim.errors import StructureError
from cosim.surrogate.architectures.column import Column
from cosim.surrogate.architectures.column_facts import find_facts, read_facts
from cosim.surrogate.architectures.contract import roll_out
from cosim.surrogate.architectures.tanks import entering_shares, kept_shares, staying_shares
from cosim.surrogate.domain import find_domain
from cosim.surrogate.judging import judge
from cosim.surrogate.model import Plan, Range, Runs
from cosim.surrogate.program.tracing import Programs
from cosim.surrogate.stepping import NumpyStepper, make_stepper
from cosim.system.component import ComponentDescription
from cosim.system.ports import find_ports
from cosim.system.variable import Causality, Variable

N_STEPS, N_SLICES, N_TANKS, STEP, LIQUID = 60, 6, 4, 10.0, 0.9
SPECIES = ("mab", "tag", "dust", "salt")
INPUTS = tuple(f"{port}.{what}" for port in ("load", "buffer") for what in ("V_flow", *(f"c_{s}" for s in SPECIES)))
OUTPUTS = (
    "outlet.V_flow", "outlet.V_total", *(f"outlet.c_{s}" for s in SPECIES), *(f"outlet.m_{s}_total" for s in SPECIES),
    "held_volume", *(f"held_{s}" for s in SPECIES), *(f"mab_liquid[{i + 1}]" for i in range(N_SLICES)),
    *(f"mab_particles[{i + 1}]" for i in range(N_SLICES)), "pH", "uv280", "bed_volume", "bound",
)  # fmt: skip
OPTIONS = {"members": 2, "width": 8, "reach": 5}


def description(outputs=OUTPUTS):
    variables = {name: Variable(name, Causality.INPUT) for name in INPUTS}
    variables |= {name: Variable(name, Causality.OUTPUT) for name in outputs}
    return ComponentDescription("column", variables, ports=find_ports(variables))


def plan():
    ranges = tuple(Range(name, 0.0, 1.0) for name in INPUTS)
    return Plan(Ticks(round(STEP * 1e9)), N_STEPS, (), ranges, INPUTS, OUTPUTS)


def inputs_of(random):
    """Load, then buffers without and with salt."""
    inputs = np.zeros((N_STEPS, len(INPUTS)))
    loading = np.arange(N_STEPS) < 25
    inputs[:, 0], inputs[:, 5] = 0.02 * loading, 0.02 * ~loading
    inputs[:, 1:5] = random.uniform([1.0, 0.1, 0.1, 0.5], [2.0, 0.2, 0.2, 1.0])
    inputs[:, 9] = np.where(np.arange(N_STEPS) > 40, 3.0, 0.5)
    return inputs


def course(inputs, n_inner=100):
    """Return outputs by small explicit steps: mixed tanks, and slices whose particles hold where salt is low.

    A fifth of the tag moves with the product, the rest passes; dust is held back.
    """
    h = STEP / n_inner
    liquid, particles, left = np.zeros(N_SLICES), np.zeros(N_SLICES), 0.0
    tanks, gone = np.zeros((N_TANKS, 2)), np.zeros(2)
    dust, volume, entered_mab = 0.0, 0.0, 0.0
    rows = []
    for k in range(-1, N_STEPS):
        row = inputs[max(k, 0)]
        flow = row[0] + row[5]
        mean = (row[0] * row[1:5] + row[5] * row[6:10]) / flow
        passing = np.array([0.8 * mean[1], mean[3]])
        shares, enters = exact(flow * STEP / (LIQUID / N_TANKS))
        if k >= 0:
            amounts = flow * STEP * passing
            gone = gone + tanks.sum(0) + amounts
            tanks = shares.T @ tanks + enters[:, None] * amounts
            gone = gone - tanks.sum(0)
            salt = np.interp(
                np.arange(N_SLICES), np.linspace(0, N_SLICES - 1, N_TANKS), tanks[:, 1] / (LIQUID / N_TANKS)
            )
            for _ in range(n_inner):
                face = np.concatenate([[flow * mean[0]], flow * liquid / (0.3 / N_SLICES)])
                taken = 0.2 * liquid - 0.2 * particles / (1.0 + 20.0 * np.exp(-4.0 * salt))
                liquid = liquid + h * (face[:-1] - face[1:] - taken)
                particles, left = particles + h * taken, left + h * face[-1]
            dust, volume = dust + STEP * flow * mean[2], volume + STEP * flow
            entered_mab += STEP * flow * mean[0]
        mab = liquid.sum() + particles.sum()
        ratio = 0.2 * row[2] / row[1]
        c_mab = (liquid[-1] + 0.25 * (liquid[-1] - liquid[-2])) / (0.3 / N_SLICES)
        behind = tanks[-1] / (LIQUID / N_TANKS)
        c = [max(c_mab, 0.0), behind[0] + ratio * max(c_mab, 0.0), 0.0, behind[1]]
        totals = [left, gone[0] + ratio * left, 0.0, gone[1]]
        held = [mab, tanks[:, 0].sum() + ratio * mab, dust, tanks[:, 1].sum()]
        pH = 7.0 - np.tanh(behind[1])
        rows.append(
            [flow, volume, *c, *totals, LIQUID, *held, *liquid, *particles, pH, 2 * c[0] + c[1], 1.5, mab / 1.5]
        )
    return np.array(rows)


def exact(passed):
    one = np.array([[passed]])
    return staying_shares(np, one, N_TANKS)[0], entering_shares(np, one, N_TANKS)[0]


@pytest.fixture(scope="module")
def runs():
    random = np.random.default_rng(3)
    inputs = np.stack([inputs_of(random) for _ in range(8)])
    return Runs(np.empty((8, 0)), inputs, np.stack([course(one) for one in inputs]))


@pytest.fixture(scope="module")
def model(runs):
    return Column(find_facts(description(), plan(), runs, OPTIONS))


@pytest.fixture(scope="module")
def tensors(model, runs):
    return {**model.fixed_tensors(runs), **model.first_weights(np.random.default_rng(0)), **model.constants()}


def test_what_passed_tanks_is_where_mixing_says():
    passed = np.array([[0.7]])
    n = 30
    stay, enter = staying_shares(np, passed, n)[0], entering_shares(np, passed, n)[0]
    np.testing.assert_allclose(stay.sum(1)[:10], 1.0, atol=1e-14)
    np.testing.assert_allclose(enter.sum(), 1.0, atol=1e-14)
    assert stay[3, 2] == 0.0
    np.testing.assert_allclose(enter[0], (1 - np.exp(-0.7)) / 0.7)
    two = staying_shares(np, 2 * passed, n)[0]
    np.testing.assert_allclose((stay @ stay)[0], two[0], atol=1e-14)
    np.testing.assert_allclose(kept_shares(np, enter)[2, 5], enter[3])


def test_what_is_exact_is_found(model):
    facts = model.facts
    assert facts["n_tanks"] == N_TANKS
    assert facts["n_slices"] == N_SLICES
    np.testing.assert_allclose(facts["carried"], [0.0, 0.2, 0.0, 0.0], atol=1e-9)
    assert facts["filtered"] == (False, False, True, False)
    assert facts["told"] == ("pH",)
    assert facts["linear"] == ("uv280",)
    assert facts["constants"] == {"held_volume": LIQUID, "bed_volume": 1.5}


def test_facts_survive_json(model):
    again = read_facts(json.loads(json.dumps(model.facts)))
    assert again.document() == model.facts


def test_nothing_is_lost_and_nothing_is_negative_whatever_the_weights(model, tensors, runs):
    random = np.random.default_rng(1)
    wild = tensors | {name: random.standard_normal(model.shapes[name]) for name in model.shapes if "weight" in name}
    outputs, _, _ = roll_out(model, wild, runs)
    place = {name: i for i, name in enumerate(OUTPUTS)}
    for i, name in enumerate(SPECIES):
        entered = STEP * (runs.inputs[..., 0] * runs.inputs[..., 1 + i] + runs.inputs[..., 5] * runs.inputs[..., 6 + i])
        kept = outputs[:, -1, place[f"held_{name}"]] + outputs[:, -1, place[f"outlet.m_{name}_total"]]
        np.testing.assert_allclose(kept, entered.sum(1), rtol=1e-12)
    assert outputs[..., [place[f"mab_liquid[{i + 1}]"] for i in range(N_SLICES)]].min() >= 0.0


def test_what_does_not_bind_is_exact_without_training(model, tensors, runs):
    outputs, _, _ = roll_out(model, tensors, runs)
    for name in ("outlet.c_salt", "outlet.m_salt_total", "held_salt", "held_dust", "outlet.V_total", "outlet.V_flow"):
        place = OUTPUTS.index(name)
        np.testing.assert_allclose(outputs[..., place], runs.outputs[..., place], atol=1e-9, err_msg=name)


def test_it_follows_an_fmu(model, runs):
    state = model.encode(runs.outputs[:, 0], np.zeros(len(runs)))
    for k in range(30):
        state = model.follow(state, runs.inputs[:, k], runs.outputs[:, k + 1], np.full(len(runs), (k + 1) * STEP))
    slices = [model.state_names.index(f"mab_particles[{i + 1}]") for i in range(N_SLICES)]
    np.testing.assert_allclose(
        state[:, slices], runs.outputs[:, 30, [OUTPUTS.index(model.state_names[i]) for i in slices]]
    )
    tanks = [i for i, name in enumerate(model.state_names) if name.startswith("salt in tank")]
    np.testing.assert_allclose(state[:, tanks].sum(1), runs.outputs[:, 30, OUTPUTS.index("held_salt")], rtol=1e-9)


def test_an_error_at_an_end_near_nothing_is_judged_by_the_range(model, tensors, runs):
    ended = runs.outputs.copy()
    place = OUTPUTS.index("outlet.c_mab")
    ended[:, -1, place] = 1e-20
    judgement = judge(model, tensors, replace(runs, outputs=ended))
    assert judgement.final[:, place].max() < 1e4
    assert judgement.final[:, OUTPUTS.index("outlet.V_total")].max() < 1e-12


def test_its_program_does_what_numpy_does(model, tensors, runs):
    _, places, spreads = roll_out(model, tensors, runs)
    flat = places.reshape(-1, places.shape[-1])
    domain = find_domain(model.coordinate_names, flat, flat, spreads)
    programs = Programs(model, tensors, domain, n_inputs=len(INPUTS), n_parameters=0)
    compiled, plain = make_stepper(programs), NumpyStepper(programs)
    state = model.encode(runs.outputs[:1, 20], np.zeros(1))[0]
    ours, theirs = (one.step(state, runs.inputs[0, 20], np.empty(0), STEP) for one in (compiled, plain))
    np.testing.assert_allclose(ours.state, theirs.state, atol=1e-13)
    np.testing.assert_allclose(ours.outputs, theirs.outputs, atol=1e-12)


def test_training_learns_what_moves(model, tensors, runs):
    pytest.importorskip("torch", reason="needs torch")
    from cosim.surrogate.training import train

    trained = train(model, runs.part(0, 6), runs.part(6, 2), budget=100.0, seed=0, iterations=40)
    before = judge(model, tensors, runs.part(6, 2)).by_run.mean()
    after = judge(model, {**trained.tensors, **model.constants()}, runs.part(6, 2)).by_run.mean()
    assert after < 0.5 * before


def refused(runs, names=OUTPUTS, **changes):
    changed = replace(plan(), output_names=names)
    with pytest.raises(StructureError) as caught:
        find_facts(description(names), changed, replace(runs, **changes), OPTIONS)
    return str(caught.value)


def test_what_is_no_column_is_refused(runs):
    places = [i for i, name in enumerate(OUTPUTS) if not name.startswith("mab_liquid")]
    names = tuple(OUTPUTS[i] for i in places)
    assert "has no outputs '<species>_liquid[1]'" in refused(runs, names, outputs=runs.outputs[..., places])


def test_a_path_that_is_no_row_of_tanks_is_refused(runs):
    outputs = runs.outputs.copy()
    outputs[..., OUTPUTS.index("held_salt")] *= 1.0 + 0.1 * np.sin(np.arange(N_STEPS + 1))
    outputs[..., OUTPUTS.index("held_tag")] = outputs[..., OUTPUTS.index("held_salt")]
    assert "No species passes this FMU as through 2 to 64 mixed tanks" in refused(runs, outputs=outputs)


def test_what_neither_passes_nor_rides_is_refused(runs):
    outputs = runs.outputs.copy()
    outputs[..., OUTPUTS.index("held_tag")] *= 1.0 + 0.3 * np.sin(np.arange(N_STEPS + 1))
    assert "'tag' neither passes, nor is it held back" in refused(runs, outputs=outputs)
