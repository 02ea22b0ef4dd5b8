"""Discovery: what a server has to offer, as a first tag map to be edited."""

from __future__ import annotations

import asyncio
import re
from typing import Any, Final

from asyncua import Client, ua
from asyncua.common.node import Node

from cosim.errors import LinkError
from cosim.live.endpoint import Endpoint, Patience
from cosim.live.opcua.connection import connect, disconnect
from cosim.live.opcua.failures import FAILURES, in_words
from cosim.live.tag import CLOCK_TAGS, NAME

_MOST: Final = 20_000
"""Variables that are listed."""
_DEEPEST: Final = 12
_NUMBERS: Final = {ua.VariantType(number) for number in range(1, 12)}


def browse(endpoint: Endpoint) -> str:
    """Return a tag map of all numeric variables below Objects but the server's own.

    Raises
    ------
    LinkError
        When the server cannot be reached, or goes away.
    """
    return asyncio.run(_browse(endpoint))


async def _browse(endpoint: Endpoint) -> str:
    client = None
    try:
        client = await connect(endpoint, Patience())
        namespaces = [str(uri) for uri in await client.get_namespace_array()]
        lines: dict[str, str] = {}
        await _walk(client, client.nodes.objects, [], namespaces, lines, set())
    except (LinkError, *FAILURES) as error:
        raise in_words(error, endpoint.url) from error
    finally:
        if client is not None:
            await disconnect(client)
    head = f"tag_map: found  # at {endpoint.url}: add measures, drives or samples to what the twin needs\ntags:\n"
    return head + "".join(f"  {name}: {line}\n" for name, line in lines.items())


async def _walk(
    client: Client, node: Node, path: list[str], namespaces: list[str], lines: dict[str, str], seen: set[Any]
) -> None:
    if len(path) > _DEEPEST or len(lines) >= _MOST:
        return
    for reference in await node.get_children_descriptions():
        name = str(reference.BrowseName.Name)
        if reference.NodeId in seen or reference.NodeId.NamespaceIndex == 0:
            continue
        seen.add(reference.NodeId)
        child = client.get_node(reference.NodeId)
        if reference.NodeClass == ua.NodeClass.Variable and not (len(path) == 1 and name in CLOCK_TAGS):
            line = await _line(child, reference.NodeId, namespaces)
            if line is not None:
                lines[_free(name, lines)] = line
        elif reference.NodeClass == ua.NodeClass.Object:
            await _walk(client, child, [*path, name], namespaces, lines, seen)


async def _line(node: Node, identifier: ua.NodeId, namespaces: list[str]) -> str | None:
    """Return what the map says of a variable; None for one that is no number."""
    value = await node.read_data_value(raise_on_bad_status=False)
    kind = value.Value.VariantType if value.Value is not None else ua.VariantType.Null
    if kind == ua.VariantType.Null:
        kind = await node.read_data_type_as_variant_type()
    if kind not in _NUMBERS:
        return None
    text = identifier.to_string()
    if identifier.NamespaceIndex:
        text = f"nsu={namespaces[identifier.NamespaceIndex]};{text.partition(';')[2]}"
    parts = [f"node: '{text}'"]
    told = {str(item.BrowseName.Name): item.NodeId for item in await node.get_children_descriptions(refs=_PROPERTIES)}
    unit = await _property(node, told.get("EngineeringUnits"))
    if getattr(unit, "DisplayName", None) is not None and unit.DisplayName.Text:
        parts.append(f"unit: '{unit.DisplayName.Text}'")
        limits = await _property(node, told.get("EURange"))
        if limits is not None:
            parts.append(f"limits: [{limits.Low:g} {unit.DisplayName.Text}, {limits.High:g} {unit.DisplayName.Text}]")
    return f"{{{', '.join(parts)}}}"


_PROPERTIES: Final = ua.ObjectIds.HasProperty


async def _property(node: Node, identifier: ua.NodeId | None) -> Any:  # noqa: ANN401
    if identifier is None:
        return None
    return await Node(node.session, identifier).read_value()


def _free(name: str, taken: dict[str, str]) -> str:
    """Return a name for a tag that is none yet."""
    plain = re.sub(r"[^A-Za-z0-9_.-]", "_", name)[:90]
    plain = plain if NAME.fullmatch(plain) else f"tag_{plain}"
    count = 1
    free = plain
    while free in taken or free in CLOCK_TAGS:
        count += 1
        free = f"{plain}_{count}"
    return free
