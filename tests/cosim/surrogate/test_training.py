"""Learning a map that is known: it is found, the seed decides, and an interruption loses nothing."""

import numpy as np
import pytest

from cosim.surrogate.architectures.contract import roll_out
from cosim.surrogate.architectures.static_map import MapFacts, StaticMap
from cosim.surrogate.model import Runs
from cosim.surrogate.readouts import Readout

pytest.importorskip("torch", reason="needs torch")
from cosim.surrogate import training
from cosim.surrogate.training import train

FACTS = MapFacts(
    step_size=60.0,
    members=2,
    width=16,
    memory=2,
    input_names=("u", "v"),
    varied=(0, 1),
    parameter_names=(),
    output_names=("y", "share[1]", "share[2]"),
    readouts=(Readout("y", "learned"), Readout("share[1]", "learned"), Readout("share[2]", "learned")),
    is_positive=(False, True, True),
    families=((1, 2),),
)


def runs(n, seed):
    """y follows the last two values of u, the shares the last value of v; before the start all was as at the start."""
    random = np.random.default_rng(seed)
    inputs = random.random((n, 30, 2))
    u = np.concatenate([inputs[:, :1], inputs], axis=1)  # the input held over the step before each output
    before = np.concatenate([u[:, :1], u[:, :-1]], axis=1)
    share = 1 / (1 + u[..., 1])
    outputs = np.stack([np.sin(3 * u[..., 0]) + before[..., 0], share, 1 - share], -1)
    return Runs(np.empty((n, 0)), inputs, outputs)


def taught(place=None, iterations=700, seed=0, on_progress=lambda _: None):
    model = StaticMap(FACTS)
    return model, train(
        model, runs(20, 1), runs(5, 2), budget=100.0, seed=seed, iterations=iterations, place=place,
        on_progress=on_progress,
    )  # fmt: skip


def test_a_known_map_is_found():
    model, trained = taught()
    unseen = runs(5, 3)
    outputs, _, spread = roll_out(model, trained.tensors, unseen)
    # the first outputs do not know the inputs before the start in the same way; the others do
    assert np.abs(outputs - unseen.outputs)[:, 2:].mean((0, 1)).max() < 0.05
    np.testing.assert_allclose(outputs[..., 1:].sum(-1), 1.0, atol=1e-12)
    assert trained.score < 0.05
    assert spread.min() > 0


def test_the_seed_decides():
    (_, one), (_, other), (_, another) = taught(iterations=30), taught(iterations=30), taught(iterations=30, seed=1)
    assert one.tensors["map.2.weight"].tobytes() == other.tensors["map.2.weight"].tobytes()
    assert one.tensors["map.2.weight"].tobytes() != another.tensors["map.2.weight"].tobytes()


def test_an_interrupted_training_goes_on(tmp_path):
    place = tmp_path / "training.safetensors"
    seen = []

    def interrupt(progress):
        seen.append(progress)
        if progress.fraction > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        taught(place, 100, on_progress=interrupt)
    _, trained = taught(place, 100)
    assert trained.iterations == 100
    assert trained.seconds > seen[-1].seconds
    assert trained.score <= seen[-1].score


@pytest.mark.parametrize(("has_gpu", "device"), [(True, "cuda"), (False, "cpu")])
def test_a_gpu_is_used_where_there_is_one(monkeypatch, has_gpu, device):
    monkeypatch.setattr(training.torch.cuda, "is_available", lambda: has_gpu)
    assert training.chosen_device() == device
