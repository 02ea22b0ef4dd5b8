"""Node ids and browse paths → nodes of a connected server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from asyncua import Client, ua

from cosim.live.tag import Address

_URI: Final = "nsu="


async def resolve(client: Client, addresses: Mapping[str, Address]) -> tuple[dict[str, ua.NodeId], dict[str, str]]:
    """Return the nodes by name, and what is wrong with names that have none."""
    namespaces = [str(uri) for uri in await client.get_namespace_array()]
    children: dict[ua.NodeId, dict[str, ua.NodeId]] = {}
    found, problems = {}, {}
    for name, address in addresses.items():
        try:
            if address.is_path:
                found[name] = await _follow(client, address.text, children)
            else:
                found[name] = _node(address.text, namespaces)
        except LookupError as error:
            problems[name] = str(error.args[0])
    return found, problems


def _node(text: str, namespaces: list[str]) -> ua.NodeId:
    if text.startswith(_URI):
        uri, _, rest = text.removeprefix(_URI).partition(";")
        if uri not in namespaces:
            raise LookupError(f"the server has no namespace '{uri}'; it has {', '.join(namespaces)}")
        text = f"ns={namespaces.index(uri)};{rest}"
    try:
        return ua.NodeId.from_string(text)
    except (ua.UaError, ValueError) as error:
        raise LookupError(f"'{text}' is no node id") from error


async def _follow(client: Client, path: str, children: dict[ua.NodeId, dict[str, ua.NodeId]]) -> ua.NodeId:
    """Follow names from Objects; ``2:TT101`` matches in namespace 2 alone, ``TT101`` in any."""
    node = ua.NodeId(ua.ObjectIds.ObjectsFolder)
    names = [name for name in path.split("/") if name]
    if names and names[0] == "Objects":
        names = names[1:]
    for name in names:
        if node not in children:
            children[node] = await _children(client, node)
        if name not in children[node]:
            raise LookupError(f"there is no '{name}' on the path Objects/{'/'.join(names)}")
        node = children[node][name]
    return node


async def _children(client: Client, node: ua.NodeId) -> dict[str, ua.NodeId]:
    found: dict[str, ua.NodeId] = {}
    for reference in await client.get_node(node).get_children_descriptions():
        name = reference.BrowseName
        found.setdefault(str(name.Name), reference.NodeId)
        found[f"{name.NamespaceIndex}:{name.Name}"] = reference.NodeId
    return found
