"""Problems of studies without a scenario, for searches that are answered by functions."""

from collections.abc import Mapping

from cosim.scenario.measures import Measure
from cosim.study.distributions import Uniform
from cosim.study.problem import Factor, Problem, Response
from cosim.study.targets import Target


def factor(name, distribution):
    return Factor(name, Target("duration", phase=name), "1", distribution)


def problem_of(n: int, responses: Mapping[str, object], seed: int = 0) -> Problem:
    """Return ``n`` factors from 0 to 1, and responses with a goal or (at_least, at_most)."""
    found = []
    for name, wanted in responses.items():
        low, high = wanted if isinstance(wanted, tuple) else (None, None)
        goal = wanted if isinstance(wanted, str) else None
        found.append(Response(name, Measure(f"final(f.{name})", "final", "1"), low, high, goal=goal))
    return Problem(tuple(factor(f"x{i}", Uniform(0.0, 1.0)) for i in range(n)), tuple(found), seed=seed)
