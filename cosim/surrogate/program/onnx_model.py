"""Programs as one ONNX model, for batches and for other tools.

Inputs and outputs have the units of a batch in front, (batch, n); inside they stand last, (n, batch), so that picking
and joining copies whole rows and a product is one of all units. Only operators of opset 13 that runtimes offer in
float64 are used; log1p, expm1 and arcsinh are composed of others.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from cosim.errors import StudyError
from cosim.surrogate.program.program import Instruction, Kind, Program, Region

try:
    import onnx
    from onnx import TensorProto, helper, numpy_helper
except ImportError as error:
    raise StudyError("ONNX needs more packages: pip install 'bioprocess-cosim[onnx]'.") from error

OPSET: Final = 13
IR_VERSION: Final = 8
NARROW: Final = 1e-4
"""Below it log1p is its series."""
_UNARY: Final = {"negative": "Neg", "absolute": "Abs", "exp": "Exp", "log": "Log", "tanh": "Tanh", "sqrt": "Sqrt"}
_BINARY: Final = {"add": "Add", "subtract": "Sub", "multiply": "Mul", "divide": "Div", "minimum": "Min",
                  "maximum": "Max"}  # fmt: skip
_COMPARED: Final = {"greater": "Greater", "greater_equal": "GreaterOrEqual", "less": "Less",
                    "less_equal": "LessOrEqual", "equal": "Equal"}  # fmt: skip
_REDUCED: Final = {"max": "ReduceMax", "min": "ReduceMin"}


def write_onnx(programs: Sequence[Program], *, name: str, properties: Mapping[str, str]) -> bytes:
    """Return a model with the inputs and outputs of all ``programs``; those called alike are the same input."""
    sheet = _Sheet()
    outputs: dict[str, int] = {}
    inputs: dict[str, int] = {}
    for i, program in enumerate(programs):
        given = {key: region.n for key, region in program.inputs.items()}
        inputs |= given
        outputs |= sheet.add(program, f"p{i}_")
    graph = helper.make_graph(
        sheet.nodes,
        name,
        [_array(key, n) for key, n in inputs.items()],
        [_array(key, n) for key, n in outputs.items()],
        initializer=list(sheet.constants.values()),
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="cosim")
    model.ir_version = IR_VERSION
    helper.set_model_props(model, dict(properties))
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _array(name: str, n: int) -> Any:
    return helper.make_tensor_value_info(name, TensorProto.DOUBLE, ["batch", n])


class _Sheet:
    """The nodes and constants of a model that is being written."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: dict[object, Any] = {}
        self._turned: dict[str, str] = {}
        self._n = 0

    def add(self, program: Program, prefix: str) -> dict[str, int]:
        """Write ``program``; return its outputs and their sizes. ``prefix`` keeps what it computes apart."""
        writer = _Writer(self, program, prefix)
        for instruction in program.instructions:
            writer.write(instruction)
        for name, region in program.outputs.items():
            self.node("Transpose", [writer.read_whole(region)], _output_name(name, program), perm=[1, 0])
        return {_output_name(name, program): region.n for name, region in program.outputs.items()}

    def node(self, operation: str, inputs: Sequence[str], name: str = "", **attributes: Any) -> str:
        """Add a node; return what it computes."""
        self._n += 1
        name = name or f"v{self._n}"
        self.nodes.append(helper.make_node(operation, list(inputs), [name], **attributes))
        return name

    def constant(self, values: Any, kind: Any = np.float64) -> str:
        """Return a constant, written once."""
        array = np.ascontiguousarray(values, dtype=kind)
        key = (array.shape, array.dtype.str, array.tobytes())
        if key not in self.constants:
            self.constants[key] = numpy_helper.from_array(array, f"c{len(self.constants)}")
        return str(self.constants[key].name)

    def turned(self, name: str) -> str:
        """Return an input with the units of the batch last."""
        if name not in self._turned:
            self._turned[name] = self.node("Transpose", [name], perm=[1, 0])
        return self._turned[name]

    def reshaped(self, value: str, *shape: int) -> str:
        """Return ``value`` in ``shape``, -1 for the units of the batch."""
        return self.node("Reshape", [value, self.constant(shape, np.int64)])


def _output_name(name: str, program: Program) -> str:
    return f"next_{name}" if name in program.inputs else name


class _Writer:
    """One program on a sheet: what stands where in its memory, by the names of the sheet."""

    def __init__(self, sheet: _Sheet, program: Program, prefix: str) -> None:
        self._sheet, self._program, self._prefix = sheet, program, prefix
        self._names = {region.first: sheet.turned(name) for name, region in program.inputs.items() if region.n}
        regions = [region for region in program.inputs.values() if region.n]
        regions += [program.constants] if program.constants.n else []
        regions += [instruction.out for instruction in program.instructions]
        self._regions = sorted(regions, key=lambda region: region.first)
        self._firsts = [region.first for region in self._regions]

    def _ones(self) -> str:
        """Return ones (1, batch), by which constants become as many as there are units."""
        sheet = self._sheet
        first = sheet.node("Gather", [next(iter(self._names.values())), sheet.constant([0], np.int64)], axis=0)
        return sheet.node("Add", [sheet.node("Mul", [first, sheet.constant([[0.0]])]), sheet.constant([[1.0]])])

    def _owners(self, region: Region) -> list[Region]:
        first, last = (bisect_right(self._firsts, place) - 1 for place in (region.first, region.first + region.n - 1))
        return self._regions[first : last + 1]

    def _values(self, region: Region) -> Any:
        begin = region.first - self._program.constants.first
        return self._program.values[begin : begin + region.n]

    def read(self, region: Region) -> str:
        """Return the numbers of ``region`` (n, batch); constants (n, 1)."""
        owners = self._owners(region)
        if owners == [self._program.constants]:
            return self._sheet.constant(self._values(region)[:, None])
        if owners == [region]:
            return self._names[region.first]
        return self._picked(range(region.first, region.first + region.n))

    def read_whole(self, region: Region) -> str:
        """Return the numbers of ``region`` (n, batch), constants too."""
        if self._owners(region) == [self._program.constants]:
            return self._sheet.node("Mul", [self.read(region), self._ones()])
        return self.read(region)

    def _picked(self, places: Sequence[int]) -> str:
        """Return the numbers at ``places``, in a row."""
        sheet, constants = self._sheet, self._program.constants
        owners = [self._regions[bisect_right(self._firsts, place) - 1] for place in places]
        numbers = [place for place, owner in zip(places, owners, strict=True) if owner == constants]
        at = {place: i for i, place in enumerate(dict.fromkeys(numbers))}  # only those that are wanted
        parts, begin = [], len(at)
        if at:
            values = [self._values(Region(place, 1)) for place in at]
            parts.append(sheet.node("Mul", [sheet.constant(values), self._ones()]))
        for owner in dict.fromkeys(owners):
            if owner != constants:
                parts.append(self._names[owner.first])
                at |= {owner.first + i: begin + i for i in range(owner.n)}
                begin += owner.n
        whole = parts[0] if len(parts) == 1 else sheet.node("Concat", parts, axis=0)
        found = [at[place] for place in places]
        if found == list(range(found[0], found[0] + len(found))):
            ends = [sheet.constant([place], np.int64) for place in (found[0], found[-1] + 1)]
            return sheet.node("Slice", [whole, *ends])
        return sheet.node("Gather", [whole, sheet.constant(found, np.int64)], axis=0)

    def write(self, one: Instruction) -> None:
        """Write an instruction."""
        if one.kind is Kind.GATHER:
            found = self._picked(one.table)
        else:
            operands = [self.read(region) for region in one.read()]
            found = {
                Kind.UNARY: self._unary,
                Kind.BINARY: self._binary,
                Kind.CHOICE: self._choice,
                Kind.MATMUL: self._product,
                Kind.REDUCTION: self._reduction,
            }[one.kind](one, operands)
        self._names[one.out.first] = found

    def _unary(self, one: Instruction, operands: list[str]) -> str:
        node, constant, (x,) = self._sheet.node, self._sheet.constant, operands
        if one.operation in _UNARY:
            return node(_UNARY[one.operation], [x])
        if one.operation == "logical_not":
            return self._number(node("Equal", [x, constant([[0.0]])]))
        one_, two = constant([[1.0]]), constant([[2.0]])
        if one.operation == "expm1":  # 2 t/(1 - t) with t = tanh(x/2), which loses no digits near zero
            t = node("Tanh", [node("Div", [x, two])])
            return node("Div", [node("Mul", [two, t]), node("Sub", [one_, t])])
        if one.operation == "log1p":
            series = node("Mul", [x, node("Sub", [one_, node("Div", [x, two])])])
            is_narrow = node("Less", [node("Abs", [x]), constant([[NARROW]])])
            return node("Where", [is_narrow, series, node("Log", [node("Add", [x, one_])])])
        size = node("Abs", [x])  # arcsinh
        root = node("Sqrt", [node("Add", [node("Mul", [x, x]), one_])])
        return node("Mul", [node("Sign", [x]), node("Log", [node("Add", [size, root])])])

    def _binary(self, one: Instruction, operands: list[str]) -> str:
        node = self._sheet.node
        if one.operation in _BINARY:
            return node(_BINARY[one.operation], operands)
        if one.operation in _COMPARED:
            return self._number(node(_COMPARED[one.operation], operands))
        if one.operation == "not_equal":
            return self._number(node("Not", [node("Equal", operands)]))
        bits = [self._truth(operand) for operand in operands]
        return self._number(node("And" if one.operation == "logical_and" else "Or", bits))

    def _truth(self, value: str) -> str:
        return self._sheet.node("Cast", [value], to=TensorProto.BOOL)

    def _number(self, value: str) -> str:
        return self._sheet.node("Cast", [value], to=TensorProto.DOUBLE)

    def _choice(self, one: Instruction, operands: list[str]) -> str:
        condition, yes, no = operands
        return self._sheet.node("Where", [self._truth(condition), yes, no])

    def _product(self, one: Instruction, operands: list[str]) -> str:
        """Write out = a b as outᵀ = bᵀ aᵀ, in which the units are columns."""
        sheet, (n_batch, m, k, n) = self._sheet, one.sizes
        is_shared = one.operation == "shared"
        weights = Region(one.operands[1], n_batch * k * n)
        if self._owners(weights) != [self._program.constants]:
            return self._product_of_both(one, operands)
        turned = sheet.constant(self._values(weights).reshape(n_batch, k, n).transpose(0, 2, 1))
        columns = sheet.reshaped(operands[0], 1 if is_shared else n_batch, m, k, -1)
        if m == 1:
            columns = sheet.reshaped(operands[0], 1 if is_shared else n_batch, k, -1)
            return sheet.reshaped(sheet.node("MatMul", [turned, columns]), n_batch * n, -1)
        columns = sheet.node("Transpose", [columns], perm=[1, 0, 2, 3])  # m products of (b, n, k) and (b, k, batch)
        found = sheet.node("MatMul", [turned, columns])
        return sheet.reshaped(sheet.node("Transpose", [found], perm=[1, 0, 2, 3]), n_batch * m * n, -1)

    def _product_of_both(self, one: Instruction, operands: list[str]) -> str:
        """Write a product in which both sides are those of each unit."""
        sheet, (n_batch, m, k, n) = self._sheet, one.sizes
        shapes = ((1 if one.operation == "shared" else n_batch, m, k, -1), (n_batch, k, n, -1))
        a, b = (
            sheet.node("Transpose", [sheet.reshaped(operand, *shape)], perm=[3, 0, 1, 2])
            for operand, shape in zip(operands, shapes, strict=True)
        )
        found = sheet.node("Transpose", [sheet.node("MatMul", [a, b])], perm=[1, 2, 3, 0])
        return sheet.reshaped(found, n_batch * m * n, -1)

    def _reduction(self, one: Instruction, operands: list[str]) -> str:
        rows = self._sheet.reshaped(operands[0], *one.sizes, -1)
        if one.operation == "sum":
            return self._sheet.node("ReduceSum", [rows, self._sheet.constant([1], np.int64)], keepdims=0)
        return self._sheet.node(_REDUCED[one.operation], [rows], axes=[1], keepdims=0)
