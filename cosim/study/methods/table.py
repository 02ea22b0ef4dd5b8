"""Runs as listed in a CSV file of the user."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cosim.algorithm.option import option
from cosim.errors import CosimError, ScenarioError, SourceLocation
from cosim.scenario.csv_rows import read_rows
from cosim.study.method import AbstractMethod, Answer, Batches, Runs, correlated
from cosim.study.problem import Array, Factor, Problem
from cosim.study.summaries import overview
from cosim.units import parse_quantity


@dataclass(frozen=True, slots=True)
class UserTable(AbstractMethod):
    """One column per factor, headed by its name; cells are quantities, or numbers in the unit of the factor."""

    file: str = option("", "CSV file, relative to the study")

    def objections(self, problem: Problem) -> Sequence[str]:
        if not self.file:
            return ["Method 'table' has no 'file'. Write {name: table, file: runs.csv}."]
        try:
            self._points(problem)
        except CosimError as error:
            return [str(error)]
        return correlated(problem, "table")

    def _points(self, problem: Problem) -> Array:
        path = problem.folder / self.file
        names = [factor.name for factor in problem.factors]
        rows = []
        for line, cells in read_rows(path, "table of runs", names, names):
            try:
                rows.append([_value(factor, cells[factor.name]) for factor in problem.factors])
            except CosimError as error:
                raise ScenarioError(error.message, location=SourceLocation(path, line)) from error
        if not rows:
            raise ScenarioError(f"The table of runs '{path}' has no rows.")
        return np.array(rows)

    def batches(self, problem: Problem) -> Batches:
        yield self._points(problem)

    def answer(self, problem: Problem, runs: Runs) -> Answer:
        return overview(problem, runs)


def _value(factor: Factor, cell: str) -> float:
    if factor.labels:
        if cell not in factor.labels:
            raise ScenarioError(f"{factor.name} is '{cell}'; it should be one of {', '.join(factor.labels)}.")
        return float(factor.labels.index(cell))
    quantity = parse_quantity(cell)
    value = quantity.to(factor.unit) if quantity.unit else float(quantity.value)
    low, high = factor.distribution.bounds
    if not low <= value <= high:
        raise ScenarioError(f"{factor.name} is '{cell}', outside its range of {low:g} to {high:g} {factor.unit}.")
    return value
