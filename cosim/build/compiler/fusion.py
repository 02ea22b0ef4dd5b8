"""Join the equations that occur once into few larger groups, so that only loops remain separate calls."""

from collections.abc import Sequence

import casadi as ca
import numpy as np

from cosim.build.compiler.groups import Group
from cosim.build.compiler.space import Ids, Origin, Space
from cosim.build.compiler.values import SX


def fused(groups: Sequence[Group], space: Space) -> list[Group]:
    """Return groups that compute the same, in a valid order; parameters are kept apart from what changes in time."""
    stages = _stages(groups, space)
    ordered: dict[tuple[int, int], list[Group]] = {}
    for group, key in zip(groups, stages, strict=True):
        ordered.setdefault(key, []).append(group)
    result = []
    for key in sorted(ordered):
        members = ordered[key]
        singles = [group for group in members if _is_single(group, space)]
        if singles:
            result.append(_joined(singles))
        result += [group for group in members if not _is_single(group, space)]
    return result


def _is_single(group: Group, space: Space) -> bool:
    is_discrete = space.origins()[group.output_ids[0, 0]] == Origin.DISCRETE
    return group.n_instances == 1 and not group.iterates and not is_discrete


def _stages(groups: Sequence[Group], space: Space) -> list[tuple[int, int]]:
    """Return for each group whether it changes in time (0 or 1), and its stage: single equations first, then loops."""
    total = space.total
    stage, after = np.zeros(total, np.int64), np.zeros(total, np.int64)
    origins = space.origins()
    varies = ~np.isin(origins, (Origin.PARAMETER, Origin.CONSTANT, Origin.UNKNOWN))
    result = []
    for group in groups:
        reads = np.unique(group.ids)
        is_single = _is_single(group, space)
        own = int(after[reads].max(initial=0)) if is_single else int(stage[reads].max(initial=0))
        changes = bool(varies[reads].any()) or bool(group.iterates)
        written = group.output_ids.ravel()
        varies[written] |= changes
        stage[written] = own
        after[written] = own if is_single else own + 1
        result.append((int(changes), own))
    return result


def _joined(groups: Sequence[Group]) -> Group:
    if len(groups) == 1:
        return groups[0]
    known: dict[int, ca.SX] = {}
    symbols: list[ca.SX] = []
    ids: list[int] = []

    def of(number: int) -> ca.SX:
        if number not in known:
            known[number] = SX.sym(f"s{len(symbols)}")
            symbols.append(known[number])
            ids.append(number)
        return known[number]

    outputs: list[ca.SX] = []
    written: list[int] = []
    for group in groups:
        reads = [of(int(number)) for number in group.ids[0]]
        values = ca.substitute(list(group.outputs), list(group.symbols), reads)
        for number, value in zip(group.output_ids[0], values, strict=True):
            known[int(number)] = value
            outputs.append(value)
            written.append(int(number))
    columns: Ids = np.array([ids], dtype=np.int64).reshape(1, len(ids))
    return Group(groups[0].level, tuple(symbols), columns, tuple(outputs), np.array([written], dtype=np.int64))
