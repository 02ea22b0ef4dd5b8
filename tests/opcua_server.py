"""An OPC UA server of asyncua in a process of its own, with everything that can go wrong.

Run as a script it serves counters: tag ``Tk`` counts its values, so that what was lost or doubled can be told.
"""

import asyncio
import json
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from served import Wire

from cosim.live.tag import Address, Clock, Tag, TagMap, Use
from cosim.processes import environment_of

URI = "urn:test"


class ServerProcess:
    """The script below, told what to do by lines of JSON."""

    def __init__(self, port=0, **options):
        command = [sys.executable, str(Path(__file__)), json.dumps({"port": port, **options})]
        environment = environment_of()
        environment["PYTHONPATH"] += f":{Path(__file__).parent}"
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )
        self.port = int(self._answer())

    def _answer(self):
        for line in self._process.stdout:
            if line.startswith("@"):  # whatever else a server prints
                return json.loads(line[1:])
        raise AssertionError("the server has ended")

    def tell(self, what, **more):
        """Let it do ``what``; return what it answers."""
        self._process.stdin.write(json.dumps({"do": what, **more}) + "\n")
        self._process.stdin.flush()
        return self._answer()

    @property
    def url(self):
        return f"opc.tcp://127.0.0.1:{self.port}/test"

    def kill(self):
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()


class FreezingWire(Wire):
    """A wire that can be frozen: connected, and nothing passes."""

    def __init__(self, port):
        self._flows = threading.Event()
        self._flows.set()
        super().__init__(port)
        self.url = f"opc.{self.address}/test"

    def _pass(self, source, sink):
        class Gate:
            def sendall(_, data):
                self._flows.wait()
                sink.sendall(data)

            def __getattr__(_, name):
                return getattr(sink, name)

        super()._pass(source, Gate())

    def freeze(self):
        self._flows.clear()

    def thaw(self):
        self._flows.set()

    def close(self):
        self.thaw()
        super().close()


def tag_map(n, every=0.1, clock=None):
    """Return a map of ``n`` counters."""
    tags = {
        f"T{k}": Tag(f"T{k}", Address(f"nsu={URI};s=T{k}", False), "1", Use.MEASURES, "", "", round(every * 1e9))
        for k in range(n)
    }
    return TagMap(tags, clock)


def clock_of(name="T0"):
    address = Address(f"nsu={URI};s={name}", False)
    return Clock(address, Address("nowhere", True), Address("nowhere", True), Address("nowhere", True))


def counters(arrivals, tag):
    """All values of a tag that came, in the order of arrival."""
    return [s.value for arrival in arrivals if not hasattr(arrival, "kind") for s in arrival if s.tag == tag]


def notes(arrivals, *kinds):
    return [arrival for arrival in arrivals if hasattr(arrival, "kind") and arrival.kind in kinds]


def wait_for(condition, seconds=30.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


def answer(what):
    sys.stdout.write("@" + json.dumps(what) + "\n")
    sys.stdout.flush()


async def serve(options):
    from asyncua import Server, ua
    from asyncua.crypto.permission_rules import User, UserRole

    state = {"password": options.get("password"), "on": True, "offset": options.get("offset", 0.0)}

    class Users:
        def get_user(self, iserver, username=None, password=None, certificate=None):
            return User(role=UserRole.User) if password == state["password"] else None

    server = Server(user_manager=Users() if state["password"] else None)
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{options['port']}/test")
    if options.get("pki"):
        from cosim.live.opcua.pki import own_certificate

        own = await own_certificate(Path(options["pki"]), "urn:test:server")
        await server.set_application_uri("urn:test:server")
        await server.load_certificate(own.certificate)
        await server.load_private_key(own.key)
        server.set_security_policy([ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt])
    else:
        server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    server.set_identity_tokens([ua.UserNameIdentityToken if state["password"] else ua.AnonymousIdentityToken])
    index = await server.register_namespace(URI)

    def now():
        return datetime.now(UTC) + timedelta(seconds=state["offset"])

    clock = ua.NodeId(ua.ObjectIds.Server_ServerStatus_CurrentTime)
    server.disable_clock()
    nodes, kinds, counts = {}, {}, {}

    async def add(k, kind=ua.VariantType.Double):
        name, empty = f"T{k}", "" if kind == ua.VariantType.String else 0.0
        node = await server.nodes.objects.add_variable(
            ua.NodeId(name, index), ua.QualifiedName(name, index), empty, kind
        )
        nodes[name], kinds[name] = node, kind
        counts.setdefault(name, 0)

    async def write(name):
        counts[name] += 1
        value = str(counts[name]) if kinds[name] == ua.VariantType.String else float(counts[name])
        shown = ua.DataValue(ua.Variant(value, kinds[name]), SourceTimestamp=now(), ServerTimestamp=now())
        await server.write_attribute_value(nodes[name].nodeid, shown)

    for k in range(options["n"]):
        await add(k)
        await write(f"T{k}")
    await server.start()
    if options.get("history", True):
        for node in nodes.values():
            await server.historize_node_data_change(node, period=None, count=100_000)
    answer(server.bserver._server.sockets[0].getsockname()[1])

    async def count():
        due = time.monotonic()
        while True:
            due += options.get("every", 0.1)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await server.write_attribute_value(clock, ua.DataValue(ua.Variant(now())))
            for name in list(nodes) if state["on"] else ():
                await write(name)

    async def listen():
        while line := await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline):
            order = json.loads(line)
            if order["do"] == "remove":
                node = nodes.pop(order["tag"])
                await server.delete_nodes([node])
            elif order["do"] == "retype":
                await server.delete_nodes([nodes.pop(order["tag"])])
                await add(int(order["tag"][1:]), ua.VariantType.String)
            elif order["do"] == "password":
                state["password"] = order["password"]
            elif order["do"] == "stop counting":
                state["on"] = False
                await asyncio.sleep(0.3)
            elif order["do"] == "count":
                state["on"] = True
            elif order["do"] == "forget history":
                server.iserver.history_manager.storage._datachanges.clear()
            elif order["do"] == "keep history":
                storage = server.iserver.history_manager.storage
                for node in nodes.values():
                    storage._datachanges.setdefault(node.nodeid, [])
            elif order["do"] == "limit":
                enforce(server, order["limit"])
            elif order["do"] == "offset":
                state["offset"] = order["offset"]
            elif order["do"] == "drop sessions":
                for transport in list(server.iserver.asyncio_transports):
                    transport.close()
            answer(counts)

    await asyncio.gather(count(), listen())


LIMITED = {"read": "NodesToRead", "history_read": "NodesToRead", "create_monitored_items": "ItemsToCreate"}
PLAIN = {}


def enforce(server, limit):
    """Refuse calls that name more nodes, as other servers do; asyncua only tells limits."""
    from asyncua import ua

    base = "Server_ServerCapabilities_OperationLimits_"
    for name in ("MaxNodesPerRead", "MaxNodesPerHistoryReadData", "MaxMonitoredItemsPerCall"):
        node = ua.NodeId(getattr(ua.ObjectIds, base + name))
        server.iserver.aspace._nodes[node].attributes[ua.AttributeIds.Value].value = ua.DataValue(
            ua.Variant(limit, ua.VariantType.UInt32)
        )
    session = type(server.iserver.isession)
    for service, items in LIMITED.items():
        plain = PLAIN.setdefault(service, getattr(session, service))

        async def limited(self, parameters, *more, plain=plain, items=items, **named):
            if self.external and len(getattr(parameters, items)) > limit:
                raise ua.uaerrors.BadTooManyOperations
            return await plain(self, parameters, *more, **named)

        setattr(session, service, limited)


if __name__ == "__main__":
    asyncio.run(serve(json.loads(sys.argv[1])))
