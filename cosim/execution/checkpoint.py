"""The whole state of an execution between two communication points: taken, and gone on from.

What varies is stated by the classes themselves (``VARYING``), next to their fields. Everything else follows from the
system structure and the experiment, which must be the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cosim.algorithm.network import Network
from cosim.algorithm.participant import Participant
from cosim.clock import Ticks, format_ticks
from cosim.errors import CheckpointError
from cosim.execution.collecting import Collecting
from cosim.execution.encoding import AnyArray, Decoder, Encoder, Json
from cosim.execution.stretch import Stretch
from cosim.execution.watch import Watch
from cosim.instance.abilities import AbstractSerialising
from cosim.instance.journal import JournalInstance
from cosim.system.experiment import Experiment

if TYPE_CHECKING:
    from cosim.execution.activation import Activation
    from cosim.execution.assembly import System
    from cosim.execution.events import Events
    from cosim.execution.execution import Execution
    from cosim.execution.ledger import Ledger
    from cosim.execution.record import Record
    from cosim.execution.schedule import Schedule
    from cosim.execution.settings import Settings
    from cosim.execution.transit import TransitWatch

Fields = dict[str, Json]
_MISUNDERSTOOD: Final = (KeyError, IndexError, TypeError, ValueError, AttributeError)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A state: JSON, the arrays that it refers to, and the state of each instance in its own form."""

    time: Ticks
    document: Mapping[str, Json]
    arrays: Sequence[AnyArray]
    instances: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Parts:
    """What an execution is made of."""

    execution: Execution[Any]
    experiment: Experiment
    system: System
    record: Record
    ledger: Ledger
    settings: Settings
    activation: Activation
    events: Events
    schedule: Schedule
    transit: TransitWatch


def take(parts: Parts, network: Network, state: object) -> Checkpoint:
    """Return the state of an execution, with its ``network`` and the ``state`` of its algorithm; nothing is changed.

    Raises
    ------
    CheckpointError
        When something in it cannot be written.
    StepError
        When an instance cannot give its state.
    """
    parts.record.seconds()
    encoder = Encoder(_references(parts))
    document: dict[str, Json] = {
        "board": encoder.encode(parts.system.board),
        "fields": {key: _dump(item, encoder) for key, item in _holders(parts).items()},
        "runs": [_dump_run(*run.lasting(), encoder) for run in parts.schedule.runs],
        "watches": {str(i): _dump(watch, encoder) for i, watch in _armed(parts)},
        "active": [participant.name for participant in network.participants],
        "state": encoder.encode(state),
        "outputs": {item.name: encoder.encode(_outputs(item)) for item in _initialised(parts)},
    }
    instances = {item.name: _state_of(item) for item in _initialised(parts)}
    return Checkpoint(parts.execution.time, document, encoder.arrays, instances)


def restore(parts: Parts, checkpoint: Checkpoint) -> tuple[Network, Any]:
    """Bring an execution that has not started to ``checkpoint``; return its network and the state of its algorithm.

    Raises
    ------
    CheckpointError
        When it is not one of such an execution, or an instance is not the same afterwards.
    """
    document: Any = checkpoint.document
    decoder = Decoder(_references(parts), checkpoint.arrays)
    try:
        board: Any = decoder.decode(document["board"])
        if board.shape != parts.system.board.shape:
            raise ValueError(f"{len(board)} values instead of {len(parts.system.board)}")
        np.copyto(parts.system.board, board)
        for participant in parts.system.participants.values():
            _load(participant, document["fields"][f"participant {participant.name}"], decoder)
        for name in parts.system.participants:
            parts.system.rewire(name)
        active = [parts.system.participants[name] for name in document["active"]]
        network = Network(active, parts.system.board, parts.system.counts)
        for key, item in _holders(parts).items():
            _load(item, document["fields"][key], decoder)
        for run, kept in zip(parts.schedule.runs, document["runs"], strict=True):
            lasting = run.resume(has_whole=kept["whole"] is not None, has_step=kept["step"] is not None)
            _load_run(*lasting, kept, decoder)
        parts.events.watches()  # makes those that are waiting
        for i, watch in _armed(parts):
            _load(watch, document["watches"][str(i)], decoder)
        outputs = {name: decoder.decode(item) for name, item in document["outputs"].items()}
        state = decoder.decode(document["state"])
    except _MISUNDERSTOOD as error:
        raise CheckpointError(
            f"The checkpoint does not fit this scenario ({error!r}). Go on with the cosim that wrote it."
        ) from error
    for participant in _initialised(parts):
        _bring_back(participant, checkpoint, parts)
        _compare(participant, outputs.get(participant.name), checkpoint.time)
    return network, state


def _references(parts: Parts) -> dict[str, object]:
    """Name what states refer to, but do not contain."""
    found: dict[str, object] = {
        f"participant {name}": participant for name, participant in parts.system.participants.items()
    }
    found |= {f"transfer {i}": item for i, item in enumerate(parts.system.transfers.values())}
    for i, run in enumerate(parts.schedule.runs):
        found[f"run {i}"] = run
        found |= {f"step {i}.{k}": step for k, step in enumerate(run.phase.steps)}
    return found | {f"event {i}": event for i, event in enumerate(parts.experiment.events)}


def _holders(parts: Parts) -> dict[str, Any]:
    """Return everything that lasts as long as the execution and says which of its fields vary."""
    system = parts.system
    found: dict[str, Any] = {f"participant {name}": item for name, item in system.participants.items()}
    found |= {f"outlet {i}": item for i, item in enumerate(system.outlets.values())}
    found |= {f"transfer {i}": item for i, item in enumerate(system.transfers.values())}
    found |= {f"book {name}": item for name, item in parts.ledger.books.items()}
    found |= {f"run {i}": item for i, item in enumerate(parts.schedule.runs)}
    return found | {
        "execution": parts.execution,
        "counts": parts.system.counts,
        "record": parts.record,
        "ledger": parts.ledger,
        "settings": parts.settings,
        "activation": parts.activation,
        "events": parts.events,
        "transit": parts.transit,
    }


def _armed(parts: Parts) -> Iterator[tuple[int, Watch]]:
    for i, event in enumerate(parts.experiment.events):
        if event in parts.events.armed:
            yield i, parts.events.armed[event]


def _initialised(parts: Parts) -> list[Participant]:
    return [participant for participant in parts.system.participants.values() if participant.is_initialised]


def _dump(holder: Any, encoder: Encoder) -> Fields:  # noqa: ANN401
    return {name: encoder.encode(getattr(holder, name)) for name in holder.VARYING}


def _load(holder: Any, fields: Fields, decoder: Decoder) -> None:  # noqa: ANN401
    for name in holder.VARYING:
        setattr(holder, name, decoder.decode(fields[name]))


def _dump_run(
    whole: Stretch | None, step: Stretch | None, collectings: Sequence[Collecting], encoder: Encoder
) -> Fields:
    return {
        "whole": None if whole is None else _dump_stretch(whole, encoder),
        "step": None if step is None else _dump_stretch(step, encoder),
        "collecting": [
            {**_dump(item, encoder), "watch": None if item.watch is None else _dump(item.watch, encoder)}
            for item in collectings
        ],
    }


def _dump_stretch(stretch: Stretch, encoder: Encoder) -> Fields:
    return {
        **_dump(stretch, encoder),
        "watches": [_dump(watch, encoder) for watch in stretch.watches],
        "volume": None if stretch.volume is None else _dump(stretch.volume, encoder),
    }


def _load_run(
    whole: Stretch | None,
    step: Stretch | None,
    collectings: Sequence[Collecting],
    kept: Mapping[str, Any],
    decoder: Decoder,
) -> None:
    for stretch, fields in ((whole, kept["whole"]), (step, kept["step"])):
        if stretch is not None:
            _load(stretch, fields, decoder)
            if stretch.volume is not None:
                _load(stretch.volume, fields["volume"], decoder)
            for watch, item in zip(stretch.watches, fields["watches"], strict=True):
                _load(watch, item, decoder)
    for collecting, fields in zip(collectings, kept["collecting"], strict=True):
        _load(collecting, fields, decoder)
        collecting.watch = collecting.await_next()
        if collecting.watch is not None:
            _load(collecting.watch, fields["watch"], decoder)


def _outputs(participant: Participant) -> AnyArray:
    """Return what the instance puts out, which while it sleeps is not what others see."""
    values = np.zeros_like(participant.outputs)
    participant.instance.read(participant.output_group, values)
    return values


def _state_of(participant: Participant) -> bytes:
    instance = participant.instance
    if not isinstance(instance, AbstractSerialising) or not instance.description.capabilities.can_serialise_state:
        raise CheckpointError(
            f"The state of '{participant.name}' cannot be written: it has no form outside of this process.",
            component=participant.name,
        )
    state = instance.get_state()
    try:
        return instance.serialise_state(state)
    finally:
        instance.free_state(state)


def _bring_back(participant: Participant, checkpoint: Checkpoint, parts: Parts) -> None:
    """Give the instance its state; initialised before where it has settings that are no state."""
    instance = participant.instance
    if participant.name not in checkpoint.instances or not isinstance(instance, AbstractSerialising):
        raise CheckpointError(f"The checkpoint has no state for '{participant.name}'.", component=participant.name)
    if not isinstance(instance, JournalInstance):
        time, starts = parts.activation.begun[participant.name]
        instance.set_start(starts)
        instance.enter_initialization(time, stop_time=None, tolerance=parts.experiment.tolerance)
        instance.exit_initialization()
    state = instance.deserialise_state(checkpoint.instances[participant.name])
    instance.set_state(state)
    instance.free_state(state)


def _compare(participant: Participant, before: object, time: Ticks) -> None:
    """Refuse an instance that does not put out what it did when the checkpoint was taken."""
    now = _outputs(participant)
    if not isinstance(before, np.ndarray) or before.shape != now.shape:
        raise CheckpointError(f"The checkpoint has no outputs of '{participant.name}'.", component=participant.name)
    differing = np.flatnonzero(now != before)
    if len(differing):
        name = participant.output_names[int(differing[0])]
        raise CheckpointError(
            f"'{participant.name}' cannot go on from t = {format_ticks(time)}: {name} was {before[differing[0]]!r} and "
            f"is {now[differing[0]]!r} after its state was restored. Run the scenario from the start.",
            component=participant.name,
            variable=name,
        )
