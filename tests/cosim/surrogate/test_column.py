"""A column that is computed by hand: what is exact is found, nothing is lost, and what moves is learned."""

import json
from dataclasses import replace

import numpy as np
import pytest

from cosim.clock import Ticks
from cosim.errors import StructureError
from cosim.surrogate.architectures.column import Column
from cosim.surrogate.architectures.column_facts import find_facts, fit_linear, read_facts
from cosim.surrogate.architectures.column_fitting import START
from cosim.surrogate.architectures.column_learning import find_leaching
from cosim.surrogate.architectures.column_moving import COEFFICIENTS, MOST_DISPERSION, physical
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

N_RUNS, N_STEPS, N_SLICES, N_TANKS, STEP, LIQUID = 8, 60, 6, 4, 10.0, 0.9
N_CELLS, BETWEEN, PORES, SOLID = 12, 0.35 / 12, 0.3 / 12, 0.35 / 12
SHARES = np.array([0.7, 0.3])[:, None]
K_ADS, CAPACITY, HALF, RELEASE, SLOPE, FILM, DIFFUSION, DISPERSION = 0.6, 20.0, 0.05, 5.9, 0.9, 0.3, 0.02, 0.2
SPECIES = ("mab", "tag", "dust", "sodium", "chloride", "acetate")
INPUTS = tuple(f"{port}.{what}" for port in ("load", "buffer") for what in ("V_flow", *(f"c_{s}" for s in SPECIES)))
OUTPUTS = (
    "outlet.V_flow", "outlet.V_total", *(f"outlet.c_{s}" for s in SPECIES), *(f"outlet.m_{s}_total" for s in SPECIES),
    "held_volume", *(f"held_{s}" for s in SPECIES), *(f"mab_liquid[{i + 1}]" for i in range(N_SLICES)),
    *(f"mab_particles[{i + 1}]" for i in range(N_SLICES)), "pH", "uv280", "bed_volume", "porosity_particle", "bound",
)  # fmt: skip
OPTIONS = {"members": 2, "width": 8, "substeps": 1, "points": 2, "cells_per_slice": 2}


def description(outputs=OUTPUTS):
    variables = {name: Variable(name, Causality.INPUT) for name in INPUTS}
    variables |= {name: Variable(name, Causality.OUTPUT) for name in outputs}
    return ComponentDescription("column", variables, ports=find_ports(variables))


def plan():
    ranges = tuple(Range(name, 0.0, 1.0) for name in INPUTS)
    return Plan(Ticks(round(STEP * 1e9)), N_STEPS, (), ranges, INPUTS, OUTPUTS)


def inputs_of(random):
    """Load, then a buffer of the same pH, then one of a low pH."""
    inputs = np.zeros((N_STEPS, len(INPUTS)))
    loading = np.arange(N_STEPS) < 30
    flow = random.uniform(0.015, 0.02)
    inputs[:, 0], inputs[:, 7] = flow * loading, flow * ~loading
    inputs[:, 1:4] = random.uniform([1.0, 0.1, 0.1], [2.0, 0.2, 0.2])
    inputs[:, 4:7] = 40.0, 20.0, 20.5
    inputs[:, 11:14] = np.where(np.arange(N_STEPS)[:, None] > 36, [2.0, 0.5, 30.0], [20.0, 0.5, 20.0])
    return inputs


def net_charge(pH, sodium, chloride, acetate):
    h = 10.0 ** (3.0 - pH)
    return sodium - chloride + h - 1e-8 / h - acetate / (1.0 + h / 10.0 ** (3.0 - 4.76))


def balanced(tanks):
    """Return the pH by bisection."""
    low, high = np.full(tanks.shape[:-1], 1.0), np.full(tanks.shape[:-1], 12.0)
    for _ in range(40):
        middle = (low + high) / 2
        is_positive = net_charge(middle, *np.moveaxis(tanks, -1, 0)) > 0
        low, high = np.where(is_positive, middle, low), np.where(is_positive, high, middle)
    return (low + high) / 2


def faces(c, entering):
    """Return concentrations at the faces, with the limiter, less dispersion."""
    change = np.diff(np.concatenate([2.0 * entering - c[:, :1], c], 1))
    a, b = change[:, :-1], change[:, 1:]
    limited = np.where(a * b > 0, 0.5 * a * b * (2 * b + a) / (2 * b * b - a * b + 2 * a * a + 1e-30), 0.0)
    return np.concatenate([entering, c[:, :-1] + limited - DISPERSION * b, c[:, -1:]], 1)


def rates(state, volume_flow, entering, pH):
    """Return what changes per time: film, pores and binding that lets go where the pH is low."""
    c, pores, bound = state
    half = HALF * (1.0 + 10.0 ** (SLOPE * (RELEASE - np.repeat(pH, N_CELLS // N_TANKS, 1))))[:, None]
    binding = K_ADS * (pores - (pores + half) * bound / CAPACITY)
    flux = volume_flow * faces(c, entering)
    taken = FILM * (c - pores[:, 1])
    inward = DIFFUSION * 7.35 * np.stack([pores[:, 1] - pores[:, 0], pores[:, 0] - pores[:, 1]], 1)
    inward[:, 1] += taken * BETWEEN / PORES
    return [(flux[:, :-1] - flux[:, 1:]) / BETWEEN - taken, inward / SHARES - SOLID / PORES * binding, binding]


def courses(inputs, n_inner=50):
    """Return outputs by small explicit steps. A fifth of the tag moves with the product, dust is held back."""
    n, h = len(inputs), STEP / n_inner
    state = [np.zeros((n, N_CELLS)), np.zeros((n, 2, N_CELLS)), np.zeros((n, 2, N_CELLS))]
    tanks = np.tile(np.array([0.0, 20.0, 0.5, 20.0]) * LIQUID / N_TANKS, (n, N_TANKS, 1))
    left, gone, dust, volume = np.zeros(n), np.zeros((n, 4)), np.zeros(n), np.zeros(n)
    pH = balanced(tanks[..., 1:] * N_TANKS / LIQUID)
    rows = []
    for k in range(-1, N_STEPS):
        row = inputs[:, max(k, 0)]
        flow = row[:, :1] + row[:, 7:8]
        mean = (row[:, :1] * row[:, 1:7] + row[:, 7:8] * row[:, 8:14]) / flow
        passing = np.concatenate([0.8 * mean[:, 1:2], mean[:, 3:]], 1)
        if k >= 0:
            begun = tanks
            for i in range(n_inner):
                if i % 5 == 0:
                    middle = (i + 2.5) * h
                    mixed = mixing(begun, flow, middle, passing)[..., 1:] * N_TANKS / LIQUID
                    pH = balanced(mixed)
                grown = rates(state, flow, mean[:, :1], pH)
                left = left + h * flow[:, 0] * state[0][:, -1]
                state = [old + h * speed for old, speed in zip(state, grown, strict=True)]
            tanks = mixing(begun, flow, STEP, passing)
            gone = gone + begun.sum(1) + STEP * flow * passing - tanks.sum(1)
            pH = balanced(tanks[..., 1:] * N_TANKS / LIQUID)
            dust, volume = dust + STEP * flow[:, 0] * mean[:, 2], volume + STEP * flow[:, 0]
        rows.append(told(state, tanks, gone, left, dust, volume, pH, flow[:, 0], 0.2 * row[:, 2] / row[:, 1]))
    return np.stack(rows, 1)


def mixing(tanks, flow, time, passing):
    shares, enters = exact(flow * time / (LIQUID / N_TANKS))
    return np.swapaxes(shares, 1, 2) @ tanks + enters[..., None] * (time * flow * passing)[:, None]


def told(state, tanks, gone, left, dust, volume, pH, flow, ratio):
    liquid = BETWEEN * state[0].reshape(len(flow), N_SLICES, 2).sum(2)
    inside = (SHARES * (PORES * state[1] + SOLID * state[2])).sum(1).reshape(len(flow), N_SLICES, 2).sum(2)
    mab, c_mab = liquid.sum(1) + inside.sum(1), state[0][:, -1]
    behind = tanks[:, -1] / (LIQUID / N_TANKS)
    c = [c_mab, behind[:, 0] + ratio * c_mab, 0.0 * c_mab, *behind[:, 1:].T]
    totals = [left, gone[:, 0] + ratio * left, 0.0 * left, *gone[:, 1:].T]
    inside_tanks = tanks.sum(1)
    held = [mab, inside_tanks[:, 0] + ratio * mab, dust, *inside_tanks[:, 1:].T]
    same = np.ones(len(flow))
    columns = [flow, volume, *c, *totals, LIQUID * same, *held, *liquid.T, *inside.T, pH[:, -1], 2 * c[0] + c[1],
               1.0 * same, PORES / (PORES + SOLID) * same, mab]  # fmt: skip
    return np.stack(columns, -1)


def exact(passed):
    return staying_shares(np, passed, N_TANKS), entering_shares(np, passed, N_TANKS)


@pytest.fixture(scope="module")
def runs():
    random = np.random.default_rng(3)
    inputs = np.stack([inputs_of(random) for _ in range(N_RUNS)])
    return Runs(np.empty((N_RUNS, 0)), inputs, courses(inputs))


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
    np.testing.assert_allclose(facts["carried"], [0.0, 0.2, 0.0, 0.0, 0.0, 0.0], atol=1e-9)
    assert facts["filtered"] == (False, False, True, False, False, False)
    assert facts["ions"] == (3, 4, 5)
    assert facts["linear"] == ("uv280",)
    assert set(facts["constants"]) == {"held_volume", "bed_volume", "porosity_particle"}


def test_what_is_there_as_round_off_explains_nothing(model, runs):
    """Else its coefficient is of the size of one over round-off, and a load that has some of it shows that."""
    outputs = runs.outputs.copy()
    outputs[..., OUTPUTS.index("outlet.c_dust")] = 1e-290 * outputs[..., OUTPUTS.index("uv280")]
    found, error = fit_linear(read_facts(model.facts), Runs(runs.parameters, runs.inputs, outputs), "uv280")
    assert error < 1e-9
    assert np.abs(found).max() < 10


def test_coefficients_of_the_balances_are_found(model, tensors):
    """None of them is where the search begins."""
    found = physical(np, tensors["coefficients"])
    meant = {"capacity": CAPACITY, "half_saturation": HALF, "release": RELEASE, "slope": SLOPE, "film": FILM}
    for name, value in {**meant, "diffusion": DIFFUSION}.items():
        assert found[name][0] == pytest.approx(value, rel=0.15), name
    assert abs(found["release"][0] - RELEASE) < 0.5 * abs(START["release"] - RELEASE)
    np.testing.assert_allclose(tensors["volumes"], [LIQUID, BETWEEN, PORES, SOLID, 1.0], rtol=0.02)


def test_it_goes_on_like_what_it_learned_from(model, tensors, runs):
    assert np.median(judge(model, without_network(model, tensors), runs).by_run) < 2e-3


def test_more_parts_of_a_step_are_nearer(model, tensors, runs):
    finer = Column(replace(read_facts(json.loads(json.dumps(model.facts))), substeps=4))
    volumes = np.array([LIQUID, BETWEEN, PORES, SOLID, 1.0])
    exact = tensors | {"coefficients": np.array([true_coefficients()]).T, "volumes": volumes}
    one, four = (judge(each, without_network(each, exact), runs).by_run.mean() for each in (model, finer))
    assert four < 0.5 * one


def true_coefficients():
    logit = -np.log(MOST_DISPERSION / DISPERSION - 1.0)
    return [*np.log([K_ADS, CAPACITY, HALF]), RELEASE, *np.log([SLOPE, FILM, DIFFUSION]), logit]


def without_network(model, tensors):
    return tensors | {name: np.zeros(shape) for name, shape in model.shapes.items() if name.startswith("binding.1")}


def test_facts_survive_json(model):
    again = read_facts(json.loads(json.dumps(model.facts)))
    assert again.document() == model.facts


def test_nothing_is_lost_whatever_was_learned(model, tensors, runs):
    random = np.random.default_rng(1)
    wild = tensors | {name: random.standard_normal(shape) for name, shape in model.shapes.items() if "binding" in name}
    wild["coefficients"] = tensors["coefficients"] + random.standard_normal(tensors["coefficients"].shape)
    outputs, _, _ = roll_out(model, wild, runs)
    place = {name: i for i, name in enumerate(OUTPUTS)}
    for i, name in enumerate(SPECIES):
        entered = STEP * (runs.inputs[..., 0] * runs.inputs[..., 1 + i] + runs.inputs[..., 7] * runs.inputs[..., 8 + i])
        sources = entered.sum(1) + outputs[:, 0, place[f"held_{name}"]]
        kept = outputs[:, -1, place[f"held_{name}"]] + outputs[:, -1, place[f"outlet.m_{name}_total"]]
        np.testing.assert_allclose(kept, sources, rtol=1e-11)
    assert outputs[..., [place[f"mab_liquid[{i + 1}]"] for i in range(N_SLICES)]].min() >= 0.0


def test_what_does_not_bind_is_exact_without_training(model, tensors, runs):
    outputs, _, _ = roll_out(model, tensors, runs)
    for name in ("outlet.c_acetate", "outlet.m_sodium_total", "held_chloride", "held_dust", "outlet.V_total", "pH"):
        place = OUTPUTS.index(name)
        np.testing.assert_allclose(outputs[..., place], runs.outputs[..., place], atol=1e-6, err_msg=name)


def test_it_follows_an_fmu_as_far_as_outputs_tell(model, tensors, runs):
    state = model.encode(runs.outputs[:, 0], np.zeros(N_RUNS))
    for k in range(40):
        state = model.follow(state, runs.inputs[:, k], runs.outputs[:, k + 1], np.full(N_RUNS, (k + 1) * STEP))
    shown = model.outputs(tensors, state, runs.inputs[:, 39], runs.parameters)
    for name in ("held_mab", "mab_liquid[3]", "mab_particles[6]", "held_tag", "held_dust", "outlet.c_sodium", "pH"):
        place = OUTPUTS.index(name)
        np.testing.assert_allclose(shown[:, place], runs.outputs[:, 40, place], rtol=1e-6, atol=1e-9, err_msg=name)


def test_an_idle_column_keeps_what_it_has(model, tensors, runs):
    tensors = without_network(model, tensors)
    state = model.encode(runs.outputs[:, 0], np.zeros(N_RUNS))
    for k in range(20):
        state = model.advance(tensors, state, runs.inputs[:, k], runs.parameters, STEP).state
    idle = np.where([name.endswith("V_flow") for name in INPUTS], 0.0, runs.inputs[:, 20])
    rested = model.advance(tensors, state, idle, runs.parameters, STEP).state
    before, after = (model.outputs(tensors, one, idle, runs.parameters) for one in (state, rested))
    same = [i for i, name in enumerate(OUTPUTS) if name.startswith(("held_", "outlet.m_"))]
    np.testing.assert_allclose(after[:, same], before[:, same], rtol=1e-12, atol=1e-14)
    assert np.isfinite(rested).all()


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


def test_training_learns_how_tightly_proteins_are_bound(model, tensors, runs, monkeypatch):
    pytest.importorskip("torch", reason="needs torch")
    from cosim.surrogate import training

    monkeypatch.setattr(training, "CURRICULUM", ((1, 1.0),))

    shifted = dict(tensors)
    shifted["coefficients"] = tensors["coefficients"].copy()
    shifted["coefficients"][COEFFICIENTS.index("half_saturation")] += 0.2

    class Shifted(Column):
        def fixed_tensors(self, runs):
            return {name: shifted[name] for name in self.shapes if not name.startswith("binding.")}

    learner = Shifted(read_facts(json.loads(json.dumps(model.facts))))
    trained = training.train(learner, runs.part(0, 6), runs.part(6, 2), budget=100.0, seed=0, iterations=100)
    before = judge(model, without_network(model, shifted), runs.part(6, 2)).by_run.mean()
    after = judge(model, {**trained.tensors, **model.constants()}, runs.part(6, 2)).by_run.mean()
    assert after < 0.8 * before


def refused(runs, names=OUTPUTS, **changes):
    changed = replace(plan(), output_names=names)
    with pytest.raises(StructureError) as caught:
        find_facts(description(names), changed, replace(runs, **changes), OPTIONS)
    return str(caught.value)


def without(runs, is_left_out):
    """Return names and outputs without some."""
    places = [i for i, name in enumerate(OUTPUTS) if not is_left_out(name)]
    return tuple(OUTPUTS[i] for i in places), runs.outputs[..., places]


@pytest.mark.parametrize(
    "missing", ["held_sodium", "outlet.V_total", "outlet.m_tag_total", "mab_particles[3]", "mab_liquid[6]", "pH"]
)
def test_an_output_that_balances_need_is_named(runs, missing):
    names, outputs = without(runs, lambda name: name == missing)
    assert f"this FMU has no outputs '{missing}'. Add them" in refused(runs, names, outputs=outputs)


def test_slices_of_a_protein_that_never_leaves_are_refused(runs):
    names, outputs = without(runs, lambda name: name in ("outlet.c_mab", "outlet.m_mab_total"))
    assert "slices of 'mab', which 'outlet' does not carry" in refused(runs, names, outputs=outputs)


def test_a_single_slice_is_refused(runs):
    names, outputs = without(runs, lambda name: name.startswith("mab_") and "[1]" not in name)
    assert "told in one slice" in refused(runs, names, outputs=outputs)


def test_a_varied_parameter_that_reaches_zero_is_refused(runs):
    varied = replace(plan(), parameters=(Range("q_mab", 0.0, 1.0),))
    reaching = replace(runs, parameters=np.linspace(0.0, 1.0, N_RUNS)[:, None])
    with pytest.raises(StructureError, match="'q_mab' goes down to 0, and what a column learns follows its logarithm"):
        find_facts(description(), varied, reaching, OPTIONS)


def test_what_never_entered_has_to_stay_out(runs):
    inputs, outputs = runs.inputs.copy(), runs.outputs.copy()
    inputs[..., [INPUTS.index("load.c_dust"), INPUTS.index("buffer.c_dust")]] = 0.0
    outputs[..., OUTPUTS.index("held_dust")] = 0.0
    clean = Column(find_facts(description(), plan(), replace(runs, inputs=inputs, outputs=outputs), OPTIONS))
    fixed = [name for i, name in enumerate(INPUTS) if i not in clean.free_inputs]
    assert fixed == ["load.c_dust", "buffer.c_dust"]


def test_facts_of_before_show_what_entered(model):
    facts = {name: value for name, value in model.facts.items() if name != "entered"}
    assert read_facts(facts).entered == (True,) * 6
    assert not read_facts({**facts, "filtered": [False] * 6}).entered[SPECIES.index("dust")]


@pytest.mark.parametrize(("backwards", "told"), [(-0.004, -0.004), (-1e-15, 0.018)])
def test_an_inlet_that_flows_backwards_is_told(model, tensors, runs, backwards, told):
    inputs = runs.inputs[:1, 40].copy()
    inputs[:, [INPUTS.index("load.V_flow"), INPUTS.index("buffer.V_flow")]] = backwards, 0.018
    state = model.encode(runs.outputs[:1, 40], np.zeros(1))
    advance = model.advance(tensors, state, inputs, runs.parameters[:1], STEP)
    assert advance.coordinates[0, model.coordinate_names.index("flow")] == pytest.approx(told)


@pytest.fixture(scope="module")
def leached(model, tensors, runs):
    """A column whose tag leaches from the resin, the more the lower the pH, and runs of it, three times as long."""
    names = (*OUTPUTS, "made_tag_total")
    facts = replace(read_facts(model.facts), made="tag", output_names=names, carried=(0.0,) * 6)
    leaching = Column(facts)
    outputs = np.concatenate([runs.outputs, 0.0 * runs.outputs[..., :1]], -1)
    begun = Runs(runs.parameters, np.repeat(runs.inputs, 3, 1), outputs)
    outputs = roll_out(leaching, {**tensors, "leaching": np.array([-8.0, -0.9])}, begun)[0]
    return facts, replace(begun, outputs=outputs)


def test_what_leaches_is_found_and_conserved(leached):
    facts, runs = leached
    np.testing.assert_allclose(find_leaching(facts, runs), [-8.0, -0.9], rtol=1e-3)
    place = {name: i for i, name in enumerate(facts.output_names)}
    entered = facts.entering(runs.inputs)[1].sum(1)[:, SPECIES.index("tag")]
    made, held, left = (runs.outputs[:, -1, place[name]] for name in
                        ("made_tag_total", "held_tag", "outlet.m_tag_total"))  # fmt: skip
    assert made.min() > 0
    np.testing.assert_allclose(held + left, entered + made, rtol=1e-11)


def test_leaching_at_other_rates_in_other_runs_is_refused(leached):
    facts, runs = leached
    outputs = runs.outputs.copy()
    outputs[..., -1] *= np.linspace(0.9, 1.1, N_RUNS)[:, None]
    with pytest.raises(StructureError, match=r"with the same a and b in all runs .* out of 'parameters'"):
        find_leaching(facts, replace(runs, outputs=outputs))


def test_leaching_that_never_settles_is_refused(leached):
    facts, runs = leached
    outputs = runs.outputs.copy()
    outputs[..., -1] = np.arange(outputs.shape[1]) ** 2
    with pytest.raises(StructureError, match="'tag' leaches at no two different pH"):
        find_leaching(facts, replace(runs, outputs=outputs))


def test_what_is_no_column_is_refused(runs):
    places = [i for i, name in enumerate(OUTPUTS) if not name.startswith("mab_liquid")]
    names = tuple(OUTPUTS[i] for i in places)
    assert "has no outputs '<species>_liquid[1]'" in refused(runs, names, outputs=runs.outputs[..., places])


def test_a_path_that_is_no_row_of_tanks_is_refused(runs):
    outputs = runs.outputs.copy()
    for name in ("sodium", "chloride", "acetate", "tag"):
        outputs[..., OUTPUTS.index(f"held_{name}")] *= 1.0 + 0.1 * np.sin(np.arange(N_STEPS + 1))
    assert "No species passes this FMU as through 2 to 64 mixed tanks" in refused(runs, outputs=outputs)


def test_what_neither_passes_nor_rides_is_refused(runs):
    outputs = runs.outputs.copy()
    outputs[..., OUTPUTS.index("held_tag")] *= 1.0 + 0.3 * np.sin(np.arange(N_STEPS + 1))
    assert "'tag' neither passes, nor is it held back" in refused(runs, outputs=outputs)


def test_a_pH_that_its_ions_do_not_make_is_refused(runs):
    outputs = runs.outputs.copy()
    outputs[..., OUTPUTS.index("pH")] += 0.2
    assert "The 'pH' behind this FMU is 0." in refused(runs, outputs=outputs)


def test_an_output_that_nothing_explains_is_refused(runs):
    outputs = runs.outputs.copy()
    outputs[..., OUTPUTS.index("uv280")] **= 2
    assert "'uv280' of this FMU is neither a balance nor linear" in refused(runs, outputs=outputs)


def test_cells_that_share_no_tank_are_refused(runs):
    with pytest.raises(
        StructureError, match="The 6 cells of this FMU's bed, 1 in each slice, are no multiple of its 4"
    ):
        find_facts(description(), plan(), runs, OPTIONS | {"cells_per_slice": 1})


@pytest.mark.parametrize("change", [{"n_points": 10**9}, {"substeps": 0}, {"cells_per_slice": 1}])
def test_facts_of_a_package_that_cannot_be_are_refused(model, change):
    with pytest.raises(ValueError, match="no such number of cells"):
        read_facts({**json.loads(json.dumps(model.facts)), **change})
