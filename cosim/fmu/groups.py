"""Groups of variables of an FMU, prepared once, then written and read with one native call per type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from cosim.errors import StepError
from cosim.fmu.arrays import Arrays, lay_out
from cosim.fmu.calls import WARNING, AbstractCalls, CallRefused, Transfer
from cosim.fmu.life import Life
from cosim.fmu.lookup import Lookup
from cosim.fmu.values import first_inexact, is_continuous_input, to_buffer
from cosim.instance.contract import VariableGroup
from cosim.system.variable import VariableType


class Groups:
    """What is exchanged with one instance; after its death there are no groups."""

    def __init__(
        self,
        name: str,
        lookup: Lookup,
        references: Mapping[str, int],
        *,
        arrays: Arrays,
        calls: AbstractCalls,
        life: Life,
    ) -> None:
        self._name, self._lookup, self._references = name, lookup, references
        self._arrays, self._calls, self._life = arrays, calls, life
        self._prepared: list[tuple[Transfer, ...]] = []
        life.forget = self._prepared.clear
        self._known: dict[tuple[str, ...], VariableGroup] = {}
        self._continuous: set[VariableGroup] = set()
        self.resized_by = ""
        """The structural parameter that has changed the size of arrays."""

    def prepare(self, names: Sequence[str]) -> VariableGroup:
        """Prepare variables ``names``, once: an instance that is reset for run after run holds no more and no more."""
        known = self._known.get(tuple(names))
        if known is not None and not self.resized_by:
            return known
        by_type: dict[tuple[VariableType, bool], list[int]] = {}
        for position, name in enumerate(names):
            kind = self._lookup.numeric_scalar(name).type, name in self._arrays.elements
            by_type.setdefault(kind, []).append(position)
        self._prepared.append(tuple(self.transfer(kind, names, where) for (kind, _), where in by_type.items()))
        group = VariableGroup(len(self._prepared) - 1)
        if all(is_continuous_input(self._lookup.variable(name)) for name in names):
            self._continuous.add(group)
        self._known[tuple(names)] = group
        return group

    def transfer(self, kind: VariableType, names: Sequence[str], where: Sequence[int]) -> Transfer:
        """Return what moves the variables of type ``kind`` at positions ``where`` of ``names``."""
        chosen = [names[position] for position in where]
        positions = None if len(where) == len(names) else np.array(where, dtype=np.intp)
        if chosen and chosen[0] in self._arrays.elements:
            if self.resized_by:
                raise self._lookup.resized(chosen[0], self.resized_by)
            layout = lay_out([self._arrays.elements[name] for name in chosen])
            return self._calls.transfer(kind, chosen, layout.references, positions, layout)
        return self._calls.transfer(kind, chosen, [self._references[name] for name in chosen], positions)

    def of(self, group: VariableGroup, what: str) -> tuple[Transfer, ...]:
        """Return what moves the variables of ``group``."""
        try:
            return self._prepared[group]
        except IndexError as error:
            raise self._life.unusable(what) from error

    def is_continuous(self, group: VariableGroup) -> bool:
        """Tell whether all of ``group`` are continuous inputs."""
        return group in self._continuous

    def write(self, transfers: Sequence[Transfer], values: NDArray[np.float64]) -> None:
        """Write ``values``, in the order in which the variables were named."""
        for transfer in transfers:
            chosen = values if transfer.positions is None else values[transfer.positions]
            if transfer.elements is not None:
                self._put_elements(transfer, chosen)
            elif transfer.is_float:
                transfer.buffer[:] = chosen
                status = transfer.set(*transfer.arguments)
                if status and status != WARNING:
                    raise self.refused(transfer, status, is_reading=False)
            else:
                self.put(transfer, chosen, self._named("Setting", transfer))

    def read(self, transfers: Sequence[Transfer], values: NDArray[np.float64]) -> None:
        """Read into ``values``, in the order in which the variables were named."""
        for transfer in transfers:
            self._get(transfer)
            if not transfer.is_float and (inexact := first_inexact(transfer)):
                self._life.die()
                raise self._lookup.inexact(inexact, self._life.when())
            found = transfer.buffer != 0 if transfer.is_boolean else transfer.buffer
            if transfer.elements is not None:
                found = found[transfer.elements]
            values[... if transfer.positions is None else transfer.positions] = found

    def put(self, transfer: Transfer, values: NDArray[np.float64], what: str) -> None:
        """Write ``values`` of any type, converted without loss or refused."""
        try:
            to_buffer(transfer, values)
        except ValueError as error:
            self._life.die()
            raise StepError(
                f"{what} failed {self._life.when()} in '{self._name}': {error}.",
                component=self._name,
                variable=transfer.names[0] if len(transfer.names) == 1 else None,
            ) from error
        status = transfer.set(*transfer.arguments)
        if status and status != WARNING:
            raise self._life.refused(what, CallRefused(transfer.set_name, status))

    def _put_elements(self, transfer: Transfer, values: NDArray[np.float64]) -> None:
        """Write elements of arrays, which are exchanged as a whole: the others keep what they have."""
        self._get(transfer)
        self.put(transfer, values, self._named("Setting", transfer))

    def _get(self, transfer: Transfer) -> None:
        status = transfer.get(*transfer.arguments)
        if status and status != WARNING:
            raise self.refused(transfer, status, is_reading=True)

    def refused(self, transfer: Transfer, status: int, *, is_reading: bool) -> StepError:
        """Return the error for a call that was refused with ``status``; the instance is dead from here on."""
        verb, function = ("Reading", transfer.get_name) if is_reading else ("Setting", transfer.set_name)
        return self._life.refused(self._named(verb, transfer), CallRefused(function, status))

    def _named(self, verb: str, transfer: Transfer) -> str:
        return f"{verb} {self._lookup.listed(transfer.names)}"
