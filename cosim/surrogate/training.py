"""Learning of weights by torch: one step first, then ever longer rollouts, the best kept by runs not learned from."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from cosim.surrogate.architectures.contract import AbstractModel
from cosim.surrogate.judging import score
from cosim.surrogate.model import Array, Runs
from cosim.surrogate.transfer import Inherited
from cosim.surrogate.weights import read_weights, write_weights

CURRICULUM: Final = ((1, 0.40), (8, 0.75), (32, 1.0))
"""Steps of a rollout, and the share of the budget at which that ends."""
BATCH: Final = {1: 256, 8: 64, 32: 32}
FASTEST: Final = 3e-3
SLOWEST: Final = 1e-5
"""Learning rates at the beginning and at the end; a cosine between."""
CAUTIOUS: Final = 1e-3
"""Learning rate at the beginning where weights were learned before."""
PATIENCE: Final = 8
"""Looks in the last stage without a better score after which it ends."""
LARGEST_GRADIENT: Final = 1.0
AT_START: Final = 0.1
"""Share of the windows that begin where the runs do: what happens there happens once in each."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a training stands; ``score`` is the median NRMSE over the validation runs, of the best so far."""

    fraction: float
    iteration: int
    horizon: int
    score: float
    seconds: float
    """CPU time so far."""


@dataclass(frozen=True, slots=True)
class Trained:
    """All tensors of a model, and what they took."""

    tensors: Mapping[str, Array]
    seconds: float
    iterations: int
    score: float
    is_early: bool


class _Clock:
    """CPU time of this process, going on from that of an interrupted training."""

    def __init__(self) -> None:
        self._begin = time.process_time()

    def add(self, seconds: float) -> None:
        """Count what was spent before."""
        self._begin -= seconds

    @property
    def seconds(self) -> float:
        return time.process_time() - self._begin


def train(
    model: AbstractModel,
    learned: Runs,
    validation: Runs,
    *,
    budget: float,
    seed: int,
    iterations: int | None = None,
    place: Path | None = None,
    inherited: Inherited | None = None,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> Trained:
    """Return the weights with the best score within ``budget`` [s of CPU time].

    Parameters
    ----------
    iterations
        End after so many instead of at the end of the budget: then the same seed gives the same weights on the same
        machine.
    place
        A file to go on from after an interruption.
    inherited
        Tensors to begin with; all but some of them stay.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        training = _Training(model, learned, validation, seed, place, inherited)
        return training.run(budget, iterations, on_progress)
    finally:
        torch.set_num_threads(threads)


def chosen_device() -> str:
    """Return where tensors live: on a GPU where there is one."""
    return "cuda" if torch.cuda.is_available() else "cpu"


class _Training:
    def __init__(
        self,
        model: AbstractModel,
        learned: Runs,
        validation: Runs,
        seed: int,
        place: Path | None,
        inherited: Inherited | None,
    ) -> None:
        self._model, self._validation, self._place = model, validation, place
        self._clock = _Clock()
        self._device = chosen_device()
        weights = model.first_weights(np.random.default_rng(seed))
        if inherited is None:
            self._fixed = self._kept_tensors() or model.fixed_tensors(learned)
        else:
            weights = {name: inherited.tensors[name] for name in weights if name in inherited.retrained}
            self._fixed = {name: inherited.tensors[name] for name in model.shapes if name not in weights}
        self._fixed_here = {name: self._tensor(value) for name, value in {**self._fixed, **model.constants()}.items()}
        self._examples = {name: self._tensor(value) for name, value in model.examples(learned, self._fixed).items()}
        self._n_runs, self._n_steps = learned.inputs.shape[:2]
        self._fastest = FASTEST if inherited is None else CAUTIOUS
        self._random = torch.Generator().manual_seed(seed)
        self._members = next(iter(weights.values())).shape[0]
        self._weights = {name: self._tensor(value).requires_grad_() for name, value in weights.items()}
        self._optimiser = torch.optim.AdamW(self._weights.values(), FASTEST, weight_decay=model.weight_decay)
        self._best = {name: value.astype(np.float64) for name, value in weights.items()}
        self._best_score, self._iteration, self._spent = math.inf, 0, 0.0
        self._resume()

    def _tensor(self, value: Array) -> torch.Tensor:
        return torch.tensor(value, dtype=torch.float32, device=self._device)

    def run(self, budget: float, iterations: int | None, on_progress: Callable[[Progress], None]) -> Trained:
        clock = self._clock
        looks, idle, is_early = int(self._spent / budget * self._model.n_looks), 0, False

        def fraction() -> float:
            by_time = clock.seconds / budget
            return by_time if iterations is None else max(self._iteration / iterations, by_time - 1e-9)

        if not self._iteration:
            self._look()
        last = CURRICULUM[-1][0] if self._model.is_rolled_out else 1
        while (done := fraction()) < 1.0:
            horizon = min(next(n for n, end in CURRICULUM if done < end), last)
            self._learn(min(horizon, self._n_steps), horizon, done)
            if fraction() * self._model.n_looks < looks + 1:
                continue
            looks = int(fraction() * self._model.n_looks)
            idle = 0 if self._look() or horizon != last else idle + 1
            self._keep(clock.seconds)
            on_progress(Progress(min(fraction(), 1.0), self._iteration, horizon, self._best_score, clock.seconds))
            if is_early := idle >= PATIENCE:
                break
        self._look()
        self._keep(clock.seconds)
        tensors = {**self._fixed, **self._best}
        return Trained(tensors, clock.seconds, self._iteration, self._best_score, is_early)

    def _learn(self, n: int, horizon: int, done: float) -> None:
        """Take one step of the optimiser on random windows of ``n`` steps, other ones for each member."""
        rate = SLOWEST + (self._fastest - SLOWEST) * 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        loss = self._model.loss(torch, self._fixed_here | self._weights, self._window(n, BATCH[horizon]), n)
        self._optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(self._weights.values()), LARGEST_GRADIENT * self._members)
        self._optimiser.step()
        self._iteration += 1

    def _window(self, n: int, batch: int) -> dict[str, Any]:
        size = (self._members, batch, 1)
        runs = torch.randint(0, self._n_runs, size, generator=self._random)
        begins = torch.randint(0, self._n_steps - n + 1, size, generator=self._random)
        begins = begins * (torch.rand(size, generator=self._random) > AT_START)
        window: dict[str, Any] = {}
        for name, values in self._examples.items():
            n_times = n + 1 if values.shape[1] > self._n_steps else n
            window[name] = values[runs, begins + torch.arange(n_times)]
        if self._model.is_rolled_out:
            first = window["amounts"][..., 0, :]
            window["noise"] = torch.randn(first.shape, generator=self._random).to(self._device)
        return window

    def _look(self) -> bool:
        """Judge the present weights by the validation runs; keep them where they are the best."""
        now = {name: value.detach().cpu().numpy().astype(np.float64) for name, value in self._weights.items()}
        found = score(self._model, {**self._fixed, **self._model.constants(), **now}, self._validation)
        if not found < self._best_score:
            return False
        self._best, self._best_score = now, found
        return True

    def _keep(self, seconds: float) -> None:
        """Keep what is needed to go on."""
        if self._place is None:
            return
        tensors = {f"best.{name}": value for name, value in self._best.items()}
        for name, value in self._weights.items():
            tensors[f"now.{name}"] = value.detach().cpu().numpy().astype(np.float64)
            for part in ("exp_avg", "exp_avg_sq", "step"):
                state = self._optimiser.state[value]
                if part in state:
                    tensors[f"{part}.{name}"] = np.atleast_1d(state[part].detach().cpu().numpy().astype(np.float64))
        tensors |= {f"fixed.{name}": value for name, value in self._fixed.items()}
        tensors["standing"] = np.array([self._best_score, self._iteration, seconds])
        write_weights(self._place, tensors)

    def _kept_tensors(self) -> dict[str, Array]:
        """Return the tensors that an interrupted training computed from the runs, none where there are none."""
        if self._place is None or not self._place.is_file():
            return {}
        kept = {name.removeprefix("fixed."): value for name, value in read_weights(self._place).items()
                if name.startswith("fixed.")}  # fmt: skip
        is_whole = all(name in kept and kept[name].shape == self._model.shapes[name] for name in self._model.shapes
                       if name not in self._model.first_weights(np.random.default_rng(0)))  # fmt: skip
        return kept if is_whole else {}

    def _resume(self) -> None:
        """Go on from what was kept, where it fits."""
        if self._place is None or not self._place.is_file():
            return
        kept = read_weights(self._place)
        if any(f"now.{name}" not in kept or kept[f"now.{name}"].shape != w.shape for name, w in self._weights.items()):
            return
        self._best_score, iteration, self._spent = (float(number) for number in kept["standing"])
        self._iteration = int(iteration)
        self._clock.add(self._spent)
        for name, weight in self._weights.items():
            self._best[name] = kept[f"best.{name}"]
            weight.data = self._tensor(kept[f"now.{name}"])
            if f"step.{name}" in kept:
                self._optimiser.state[weight] = {
                    "step": torch.tensor(float(kept[f"step.{name}"][0])),
                    "exp_avg": self._tensor(kept[f"exp_avg.{name}"]),
                    "exp_avg_sq": self._tensor(kept[f"exp_avg_sq.{name}"]),
                }
