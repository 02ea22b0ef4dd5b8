"""Jacobians of scalar expressions that stay finite where an unused branch has no derivative.

CasADi multiplies the derivative of a branch by its condition, and 0 · ∞ is not a number: the derivative of
``if h > 0 then sqrt(h) else 0`` would be lost at h = 0. Here the derivative of a choice is the choice of derivatives.
"""

from functools import cache

import casadi as ca

from cosim.build.compiler.values import SX

_Row = dict[int, ca.SX]


def jacobian(outputs: ca.SX, inputs: ca.SX) -> ca.SX:
    """Return d outputs / d inputs, sparse."""
    function = ca.Function("f", [inputs], [outputs], {"allow_free": True})
    operations = {function.instruction_id(index) for index in range(function.n_instructions())}
    if ca.OP_IF_ELSE_ZERO not in operations or function.get_free():
        return ca.jacobian(outputs, inputs)
    return _Tape(function, inputs).jacobian(outputs.numel())


class _Tape:
    """Runs the instructions of a function forward, with the nonzero derivatives of every value."""

    def __init__(self, function: ca.Function, inputs: ca.SX) -> None:
        self._function = function
        self._inputs = inputs
        size = function.sz_w()
        self._values = [SX(0)] * size
        self._rows: list[_Row] = [{} for _ in range(size)]
        self._results: dict[int, _Row] = {}

    def jacobian(self, n_outputs: int) -> ca.SX:
        """Return the Jacobian."""
        for index in range(self._function.n_instructions()):
            self._step(index)
        result = SX(n_outputs, self._inputs.numel())
        for row, entries in self._results.items():
            for column, value in entries.items():
                if not value.is_zero():
                    result[row, column] = value
        return result

    def _step(self, index: int) -> None:
        operation = self._function.instruction_id(index)
        reads, writes = self._function.instruction_input(index), self._function.instruction_output(index)
        if operation == ca.OP_CONST:
            self._values[writes[0]], self._rows[writes[0]] = SX(self._function.instruction_constant(index)), {}
        elif operation == ca.OP_INPUT:
            place = reads[1]
            self._values[writes[0]], self._rows[writes[0]] = self._inputs[place], {place: SX(1)}
        elif operation == ca.OP_OUTPUT:
            self._results[writes[1]] = self._rows[reads[0]]
        else:
            self._apply(operation, reads, writes[0])

    def _apply(self, operation: int, reads: list[int], write: int) -> None:
        values = [self._values[place] for place in reads]
        rows = [self._rows[place] for place in reads]
        if operation == ca.OP_IF_ELSE_ZERO:
            row = {column: SX.binary(operation, values[0], value) for column, value in rows[1].items()}
            result = SX.binary(operation, *values)
        else:
            result = SX.unary(operation, *values) if len(values) == 1 else SX.binary(operation, *values)
            row = _chained(_partials(operation, len(values)).call(values), rows)
        self._values[write], self._rows[write] = result, row


def _chained(partials: list[ca.SX], rows: list[_Row]) -> _Row:
    result: _Row = {}
    for partial, row in zip(partials, rows, strict=True):
        for column, value in row.items():
            if partial.is_zero():
                continue
            product = partial * value
            result[column] = result[column] + product if column in result else product
    return result


@cache
def _partials(operation: int, n_operands: int) -> ca.Function:
    operands = [SX.sym(f"o{index}") for index in range(n_operands)]
    result = SX.unary(operation, *operands) if n_operands == 1 else SX.binary(operation, *operands)
    return ca.Function("partials", operands, [ca.densify(ca.jacobian(result, operand)) for operand in operands])
