"""Document nodes → where a component's FMU runs, what it may take, and what happens when it is lost."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal, cast

from cosim.clock import TICKS_PER_SECOND, Ticks
from cosim.scenario.document import Entry
from cosim.scenario.model import ComponentEntry, HostingEntry, LicenceEntry, SourceKind, SurrogateEntry
from cosim.scenario.reading import Problems, choice_of, duration_of, fields_of, integer_of, scalar_of, text_of
from cosim.system.nearest import nearest

HOSTING_KEYS: Final = ("host", "timeout", "memory_limit", "on_failure", "licence", "token_file")
FOR_PROCESSES: Final = ("timeout", "memory_limit", "on_failure", "token_file")
_BYTES: Final = {"kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
_ADDRESS: Final = re.compile(r"tcp://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})")


def parse_hosting(fields: Mapping[str, Entry], kind: SourceKind, what: str, problems: Problems) -> HostingEntry:
    """Read the keys ``HOSTING_KEYS`` of one component whose source is of ``kind``."""
    given = [fields[key] for key in HOSTING_KEYS if key in fields]
    host = _host(fields["host"], what, problems) if "host" in fields else None
    if kind in ("csv", "python"):
        for entry in given:
            if not (entry.key == "host" and host == "inline"):
                problems.add(f"{what} has '{entry.key}', which is for FMUs; its source is '{kind}'.", entry.origin)
        return HostingEntry("inline")
    host = host or ("process" if kind in ("fmu", "release") else "inline")
    if host == "inline":
        for key in FOR_PROCESSES:
            if key in fields:
                text = f"{what} has '{key}', which is for FMUs in a process of their own. Add 'host: process'."
                problems.add(text, fields[key].origin)
    elif "token_file" in fields and not host.startswith("tcp:"):
        problems.add(f"{what} has 'token_file', but no server: its 'host' is {host}.", fields["token_file"].origin)
    timeout = duration_of(fields["timeout"].value, f"'timeout' of {what}", problems) if "timeout" in fields else None
    return HostingEntry(
        host,
        timeout=timeout if timeout is not None else Ticks(300 * TICKS_PER_SECOND),
        memory_limit=_bytes(fields["memory_limit"], what, problems) if "memory_limit" in fields else None,
        on_failure=_on_failure(fields["on_failure"], what, problems) if "on_failure" in fields else "stop",
        licence=_licence(fields["licence"], what, problems) if "licence" in fields else None,
        token_file=scalar_of(fields["token_file"].value, f"'token_file' of {what}", problems)
        if "token_file" in fields
        else None,
        is_chosen=bool(given),
    )


def check_surrogates(
    components: Mapping[str, ComponentEntry], surrogates: Mapping[str, SurrogateEntry], problems: Problems
) -> None:
    """Note components that are to go on with a surrogate that is not there."""
    for name, component in components.items():
        if component.hosting.on_failure == "surrogate" and name not in surrogates:
            problems.add(
                f"'{name}' is to go on with its surrogate where its FMU is lost, and 'surrogates' names none. Write "
                f"'surrogates: {{{name}: FOLDER}}', or another 'on_failure'.",
                component.origin,
            )


def check_licences(components: Mapping[str, ComponentEntry], problems: Problems) -> None:
    """Note licences that components describe differently, and those with fewer seats than one run needs."""
    users: dict[str, list[ComponentEntry]] = {}
    for component in components.values():
        if component.hosting.licence is not None:
            users.setdefault(component.hosting.licence.name, []).append(component)
    for name, entries in users.items():
        seats = {entry.hosting.licence.seats for entry in entries if entry.hosting.licence is not None}
        if len(seats) > 1:
            problems.add(f"Licence '{name}' has {' and '.join(map(str, sorted(seats)))} seats.", entries[1].origin)
        elif len(entries) > min(seats):
            text = f"Licence '{name}' has {min(seats)} seats, but {len(entries)} components need one each."
            problems.add(text, entries[-1].origin)


def _host(entry: Entry, what: str, problems: Problems) -> str | None:
    host = text_of(entry.value, f"'host' of {what}", problems)
    if host is None or host in ("inline", "process"):
        return host
    if not host.startswith("tcp:"):
        hint = nearest(host, ("inline", "process"))
        problems.add(
            f"'host' of {what} is '{host}'; it should be inline, process or tcp://name:port.{hint}", entry.origin
        )
        return None
    address = _ADDRESS.fullmatch(host)
    if address is None or not 0 < int(address[2]) < 65536:
        problems.add(f"'host' of {what} is '{host}'; it should be like tcp://name:7070.", entry.origin)
        return None
    return host


def _bytes(entry: Entry, what: str, problems: Problems) -> int | None:
    scalar = scalar_of(entry.value, f"'memory_limit' of {what}", problems)
    if scalar is None:
        return None
    number = re.fullmatch(r"([0-9]{1,12}(?:\.[0-9]{1,12})?) ?([A-Za-z]+)", scalar.text)
    if number is None or number[2] not in _BYTES or float(number[1]) == 0.0:
        text = f"'memory_limit' of {what} is '{scalar.text}'; it should be an amount of memory, such as 2 GB."
        problems.add(text, scalar.origin)
        return None
    return int(float(number[1]) * _BYTES[number[2]])


def _on_failure(entry: Entry, what: str, problems: Problems) -> Literal["stop", "restart", "surrogate"]:
    choice = choice_of(entry.value, ("stop", "restart", "surrogate"), f"'on_failure' of {what}", problems)
    return cast(Literal["stop", "restart", "surrogate"], choice or "stop")


def _licence(entry: Entry, what: str, problems: Problems) -> LicenceEntry | None:
    of = f"'licence' of {what}"
    fields = fields_of(entry.value, ("name", "seats", "wait"), of, problems)
    for key in ("name", "seats"):
        if key not in fields:
            problems.add(f"{of} has no '{key}'. Write 'licence: {{name: vendor, seats: 2}}'.", entry.origin)
            return None
    name = text_of(fields["name"].value, f"'name' of the licence of {what}", problems)
    seats = integer_of(fields["seats"].value, f"'seats' of the licence of {what}", problems, least=1)
    wait = (
        duration_of(fields["wait"].value, f"'wait' of the licence of {what}", problems, may_be_zero=True)
        if "wait" in fields
        else None
    )
    if name is None or seats is None:
        return None
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", name) is None:
        problems.add(f"The licence of {what} is named '{name}'; use letters, digits, '.', '-', '_'.", entry.origin)
        return None
    return LicenceEntry(name, seats, wait if wait is not None else Ticks(600 * TICKS_PER_SECOND))
