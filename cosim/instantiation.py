"""The instances of a prepared scenario."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack

from cosim.errors import CosimError, raise_all
from cosim.instance.contract import AbstractInstance
from cosim.instance.journal import JournalInstance
from cosim.preparation import Prepared
from cosim.round_trip import Verdict


def instantiate(
    prepared: Prepared, stack: ExitStack, verdicts: Mapping[str, Verdict] | None = None
) -> dict[str, AbstractInstance]:
    """Make every component's instance, to be freed by ``stack``; raise the problems of all of them at once.

    With ``verdicts`` on their states, what is done to those that are not trusted is noted, to be done again.
    """
    instances: dict[str, AbstractInstance] = {}
    problems: list[CosimError] = []
    for name, component in prepared.components.items():
        stack.callback(component.close)
        is_trusted = verdicts is None or verdicts[name].is_trusted
        try:
            made = component.instantiate() if is_trusted else JournalInstance(component.instantiate)
            instances[name] = stack.enter_context(made)
        except CosimError as error:
            origin = prepared.scenario.components[name].source.origin
            problems.append(type(error)(error.message, component=name, location=error.location or origin))
    raise_all(problems)
    return instances
