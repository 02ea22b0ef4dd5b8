"""Studies compared: all that are named are checked first, then run one by one, then answered together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cosim.errors import CosimError, ScenarioError, raise_all
from cosim.loading import Factory
from cosim.study.cost.comparison import compare
from cosim.study.method import Answer
from cosim.study.methods.cost import Cost, account_of
from cosim.study.model import StudyFile
from cosim.study.parse import read_study
from cosim.study.problem import Problem
from cosim.study.result import StudyResult
from cosim.studying.plan import make_plan

CHANGE = 0.2
"""Of each price, in the picture of what moves the difference."""


def read(path: Path, components: Mapping[str, Factory] | None) -> StudyFile:
    """Read the comparison at ``path``, and make sure that all its studies can be run and compared.

    Raises
    ------
    CosimError
        All that is wrong in it, or in those it names.
    """
    file, problems = read_study(path)
    raise_all(problems)
    currencies: dict[str, str] = {}
    for name, part in file.parts.items():
        try:
            currencies[name] = _currency(name, part, path, components)
        except CosimError as error:
            problems += list(getattr(error, "problems", (error,)))
    raise_all(problems)
    if len(set(currencies.values())) > 1:
        told = ", ".join(f"{name} in {currency}" for name, currency in currencies.items())
        raise ScenarioError(f"'{path}' compares costs in different currencies: {told}. Convert the prices of one.")
    return file


def _currency(name: str, part: Path, path: Path, components: Mapping[str, Factory] | None) -> str:
    """Return the currency of a part, which has to be a study of cost."""
    if read_study(part)[0].parts:
        raise ScenarioError(f"'{name}' in '{path}' is a comparison itself. Name the studies that it compares.")
    plan = make_plan(part, {}, components=components)
    plan.prepared.close()
    costing = plan.problem.costing
    if costing is None or not isinstance(plan.method, Cost):
        raise ScenarioError(f"'{name}' in '{path}' has the method '{plan.method_text}'; only costs can be compared.")
    return costing.model.currency


def answer(results: Mapping[str, StudyResult]) -> Answer:
    """Answer about ``results``, by name."""
    accounts = {}
    for name, result in results.items():
        row = result.rows[0]
        accounts[name] = account_of(result.problem, [row[response.name] for response in result.problem.responses])
    return compare(accounts, CHANGE)


def joined(folder: Path, name: str, results: Mapping[str, StudyResult], found: Answer | None) -> StudyResult:
    """Return one result about all ``results``."""
    rows = [row for result in results.values() for row in result.rows]
    n = sum(result.n_planned for result in results.values())
    return StudyResult(folder, name, "stopped" if found is None else "completed", Problem((), ()), rows, found, n)
