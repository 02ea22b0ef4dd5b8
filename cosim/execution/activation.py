"""Components beginning to run, falling asleep, waking."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import perf_counter

import numpy as np

from cosim.algorithm.initialisation import Coupling, Initialisation
from cosim.algorithm.network import Network
from cosim.algorithm.participant import Participant
from cosim.algorithm.transfer import RELATIVE_DEAD_BAND, Transfer
from cosim.clock import Ticks, format_ticks, to_seconds, to_ticks
from cosim.errors import StepError
from cosim.execution.assembly import System
from cosim.execution.couplings import couplings_between
from cosim.execution.ledger import Ledger
from cosim.execution.record import Record
from cosim.system.experiment import Experiment, StartValue
from cosim.system.graph import sender_first
from cosim.system.variable import VariableName


class Activation:
    """Knows which participants are active and which are asleep since when."""

    VARYING = ("_asleep_since", "_blocked", "begun", "seconds")
    """What a checkpoint holds."""

    def __init__(self, system: System, experiment: Experiment, record: Record, ledger: Ledger) -> None:
        self._system, self._experiment, self._record, self._ledger = system, experiment, record, ledger
        self._asleep_since: dict[str, Ticks] = {}
        self._blocked: list[tuple[Transfer, float]] = []
        self.begun: dict[str, tuple[Ticks, Mapping[str, StartValue]]] = {}
        """When each component was last initialised, and with which start values."""
        self.seconds = 0.0
        """Time spent initialising."""

    def wake(self, names: Iterable[str], time: Ticks, sizes: Mapping[str, Ticks]) -> None:
        """Let those of ``names`` that are asleep age up to ``time``; ``sizes`` serve those that need fixed steps.

        Call it before the settings of what begins at ``time`` are applied: they did not hold while asleep.
        """
        for name in self._ordered(names):
            participant = self._system.participants[name]
            if name in self._asleep_since:
                self._wake(participant, self._asleep_since.pop(name), time, sizes[name])

    def begin(self, names: Iterable[str], time: Ticks) -> None:
        """Initialise those of ``names`` that never ran, together."""
        participants = [self._system.participants[name] for name in self._ordered(names)]
        new = [participant for participant in participants if not participant.is_initialised]
        self._initialise(new, time, self._experiment.start_values)

    def network(self, active: Mapping[str, Ticks], time: Ticks) -> Network:
        """Return the network of ``active`` components and their step sizes; all others that ran fall asleep."""
        for name, participant in self._system.participants.items():
            if name in active:
                participant.is_active, participant.step_size = True, active[name]
            elif participant.is_active:
                self._fall_asleep(participant, time)
        for name in active:
            self._system.rewire(name)
        flows = self._system.transfers.values()
        blocked = [flow for flow in flows if flow.sender.is_active and not flow.target.is_active]
        self._blocked = [(flow, float(flow.outlet.totals[0])) for flow in blocked]
        return Network(
            [self._system.participants[name] for name in self._ordered(active)], self._system.board, self._system.counts
        )

    def _initialise(
        self, group: Sequence[Participant], time: Ticks, starts: Mapping[str, Mapping[str, StartValue]]
    ) -> None:
        """Initialise ``group`` at ``time``: start values, then inputs from all that runs and from each other."""
        began = perf_counter()
        for participant in group:
            participant.time, participant.lag, participant.written = time, Ticks(0), None
            participant.is_initialised = False
            self.begun[participant.name] = time, dict(starts.get(participant.name, {}))
        for participant in group:
            self._system.rewire(participant.name)
            with _naming(participant, time):
                participant.instance.set_start(starts.get(participant.name, {}))
                participant.instance.enter_initialization(time, stop_time=None, tolerance=self._experiment.tolerance)
            participant.gather_wires()
            for inflow in participant.inflows:
                inflow.last_flow = 0.0
                inflow.prime()
        couplings = couplings_between(self._system, group)
        if couplings:
            with _naming(group[0], time):
                Initialisation(group, couplings).solve()
        entering = dict[str, list[Coupling]]()
        for item in couplings:
            entering.setdefault(item.receiver.name, []).append(item)
        for participant in group:
            self._complete(participant, entering.get(participant.name, ()), time)
        for participant in group:
            self._open(participant)
        self.seconds += perf_counter() - began

    def _complete(self, participant: Participant, couplings: Sequence[Coupling], time: Ticks) -> None:
        """End the initialisation of ``participant``, with what those before it put out now that theirs has ended."""
        for item in couplings:
            item.pass_on()
        for inflow in participant.inflows:
            inflow.prime()
        with _naming(participant, time):
            participant.write()
            participant.instance.exit_initialization()
            participant.read()
        participant.is_initialised = True

    def _open(self, participant: Participant) -> None:
        for outlet in participant.outlets:
            outlet.update(participant.outputs, 0.0)
        for flow in participant.outflows:
            flow.delivered[:] = flow.outlet.totals
        self._ledger.open(participant)
        self._record.sample(participant)

    def refresh(self, names: Sequence[str], carry: Sequence[VariableName], time: Ticks) -> None:
        """Initialise ``names`` anew, together, keeping the values of ``carry``."""
        participants = [self._system.participants[name] for name in self._ordered(names)]
        group = [participant for participant in participants if participant.is_initialised]
        starts = {participant.name: self._carried(participant, carry) for participant in group}
        waiting = {flow: flow.outlet.totals - flow.delivered for item in group for flow in item.outflows}
        for participant in group:
            self._ledger.close(participant)
            participant.instance.reset()
            self._asleep_since.pop(participant.name, None)
        self._initialise(group, time, starts)
        for flow, amounts in waiting.items():
            flow.delivered -= amounts

    def _carried(self, participant: Participant, carry: Sequence[VariableName]) -> dict[str, StartValue]:
        """Return the start values of ``participant``, those of ``carry`` as they are now."""
        carried = tuple(item.variable for item in carry if item.component == participant.name)
        values = np.empty(len(carried))
        participant.instance.read(participant.instance.group(carried), values)
        starts = dict(self._experiment.start_values.get(participant.name, {}))
        starts.update(zip(carried, values.tolist(), strict=True))
        return starts

    @property
    def blocked(self) -> Sequence[tuple[Transfer, float]]:
        """Streams from active components to others, with what had left when that began."""
        return self._blocked

    def check_sleepers(self, time: Ticks) -> None:
        """Refuse flow from an active component into one that does not run."""
        for flow, before in self._blocked:
            total = float(flow.outlet.totals[0])
            if total - before > RELATIVE_DEAD_BAND * abs(total):
                self._refuse_flow(flow, time)

    def _refuse_flow(self, flow: Transfer, time: Ticks) -> None:
        sender, target = flow.sender.name, flow.target.name
        state = "is asleep" if flow.target.is_initialised else "has not started"
        raise StepError(
            f"{flow.name} carries flow at t = {format_ticks(time)}, but '{target}' {state}. Make '{target}' active in "
            f"this phase, or stop the flow of '{sender}'.",
            component=sender,
            details={"component": sender, "receiver": target, "time": to_seconds(time)},
        )

    def _ordered(self, names: Iterable[str]) -> list[str]:
        return list(sender_first(self._system.structure, names))

    def _fall_asleep(self, participant: Participant, time: Ticks) -> None:
        participant.is_active = False
        self._asleep_since[participant.name] = time
        had_flow = any(participant.outputs[i] != 0.0 for i in participant.silenced)
        participant.outputs[participant.silenced] = 0.0
        for outlet in participant.outlets:
            outlet.rate[:] = 0.0
        if had_flow:
            self._record.sample(participant)

    def _wake(self, participant: Participant, since: Ticks, time: Ticks, size: Ticks) -> None:
        slept = Ticks(time - since)
        if slept == 0:
            participant.read()
            return
        if self._experiment.asleep.get(participant.name, "ages") == "frozen":
            participant.lag = Ticks(participant.lag + slept)
            participant.time = time
            participant.written = None
            return
        before = [float(outlet.totals[0]) for outlet in participant.outlets]
        self._close_inlets(participant)
        self._age(participant, time, size)
        for outlet, total in zip(participant.outlets, before, strict=True):
            if abs(outlet.totals[0] - total) > RELATIVE_DEAD_BAND * abs(total):
                raise StepError(
                    f"{outlet.name} sent {outlet.totals[0] - total:.6g} while '{participant.name}' was asleep, from "
                    f"t = {format_ticks(since)} to {format_ticks(time)}. Stop its flow before the phase ends, keep it "
                    f"active, or write 'asleep: frozen' for '{participant.name}'.",
                    component=participant.name,
                )
        self._record.happened(
            time, "wake", participant.name, f"'{participant.name}' wakes and has aged by {format_ticks(slept)}."
        )
        self._record.sample(participant)

    def _age(self, participant: Participant, time: Ticks, size: Ticks) -> None:
        capabilities = participant.instance.description.capabilities
        if capabilities.can_vary_step and capabilities.fixed_step is None:
            participant.advance(time)
            return
        size = to_ticks(capabilities.fixed_step) if capabilities.fixed_step is not None else size
        for _ in range((time - participant.time) // size):
            participant.advance(Ticks(participant.time + size))
        if participant.time < time:
            self._record.warn(
                time,
                participant.name,
                f"'{participant.name}' cannot vary its step: it woke {format_ticks(Ticks(time - participant.time))} "
                "younger than it is.",
            )
            participant.lag = Ticks(participant.lag + time - participant.time)
            participant.time = time

    def _close_inlets(self, participant: Participant) -> None:
        for inflow in participant.inflows:
            participant.inputs[inflow.flow] = 0.0
        for i in range(participant.n_wires):
            if participant.input_names[i].endswith(".demand"):
                participant.inputs[i] = 0.0


@contextmanager
def _naming(participant: Participant, time: Ticks) -> Iterator[None]:
    """Let a failure say in which component and when it was."""
    try:
        yield
    except StepError as error:
        error.component = error.component or participant.name
        error.details = {
            "component": error.component,
            "time": to_seconds(time),
            "step_size": 0.0,
            **error.details,
        }
        raise
