"""The components that are active together, in order, with everything needed to go back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cosim.algorithm.node import Node
from cosim.algorithm.outlet import Array
from cosim.clock import Ticks


@dataclass(frozen=True, slots=True)
class Memory:
    """Everything that a communication step of a network changes, except cost figures."""

    board: Array
    times: tuple[Ticks, ...]
    instances: tuple[object, ...]
    written: tuple[tuple[bytes, bytes] | None, ...]
    records: tuple[tuple[list[Ticks], list[Array]], ...]
    flows: tuple[tuple[float, float], ...]


def can_vary_step(node: Node) -> bool:
    """Tell whether ``node`` takes steps of any size."""
    capabilities = node.instance.description.capabilities
    return capabilities.can_vary_step and capabilities.fixed_step is None


def can_roll_back(node: Node) -> bool:
    """Tell whether ``node`` can go back and step again, less far."""
    return can_vary_step(node) and node.instance.description.capabilities.can_get_and_set_state


class Network:
    """Active nodes, senders first; a new one is made whenever components fall asleep or wake."""

    def __init__(self, nodes: Sequence[Node], board: Array) -> None:
        self.nodes = tuple(nodes)
        self.board = board
        sizes = {node.step_size for node in self.nodes}
        self.is_multi_rate = len(sizes) > 1
        self.has_streams = any(node.inflows for node in self.nodes)
        self.window = max(sizes, default=Ticks(0))
        self.can_vary_step = all(can_vary_step(node) for node in self.nodes)
        self.can_roll_back = all(can_roll_back(node) for node in self.nodes)
        self._outlets = tuple(outlet for node in self.nodes for outlet in node.outlets)
        self._inflows = tuple(inflow for node in self.nodes for inflow in node.inflows)
        for node in self.nodes:
            node.begin_recording(is_multi_rate=self.is_multi_rate)
        active = set(self.nodes)
        self.upstream = {
            node.name: tuple(dict.fromkeys(flow.sender for flow in node.inflows if flow.sender in active))
            for node in self.nodes
        }

    def save(self) -> Memory:
        """Take a snapshot; give it to ``release`` when it is no longer needed."""
        nodes = self.nodes
        return Memory(
            self.board.copy(),
            tuple([node.time for node in nodes]),
            tuple([node.instance.get_state() for node in nodes]),
            tuple([node.written for node in nodes]),
            tuple([(outlet.times, outlet.history) for outlet in self._outlets]) if self.is_multi_rate else (),
            tuple([(flow.last_flow, flow.last_temperature) for flow in self._inflows]),
        )

    def restore(self, memory: Memory) -> None:
        """Go back to ``memory``, any number of times."""
        np.copyto(self.board, memory.board)
        for node, time, state, written in zip(self.nodes, memory.times, memory.instances, memory.written, strict=True):
            node.instance.set_state(state)
            node.time, node.written = time, written
            if node.samples is not None:
                node.samples = []
        for outlet, (times, history) in zip(self._outlets, memory.records, strict=False):
            outlet.times, outlet.history = list(times), list(history)
        for inflow, (flow, temperature) in zip(self._inflows, memory.flows, strict=True):
            inflow.last_flow, inflow.last_temperature = flow, temperature

    def release(self, memory: Memory) -> None:
        """Free the instances' snapshots in ``memory``."""
        for node, state in zip(self.nodes, memory.instances, strict=True):
            node.instance.free_state(state)
