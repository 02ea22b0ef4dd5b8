"""One client's FMU at a server: a thread that does what the client asks, in a process for the FMU."""

from __future__ import annotations

import platform
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from queue import SimpleQueue
from typing import Any, Final, TypeVar

import zmq

from cosim._version import __version__
from cosim.errors import CosimError, FmuError
from cosim.hosting.failure import to_head
from cosim.hosting.frames import Garbled, pack, unpack_whole
from cosim.hosting.host import ProcessLink, share_of_memory
from cosim.hosting.link import Lost
from cosim.hosting.network.protocol import LARGEST_MESSAGE, LARGEST_PART, VERSION
from cosim.hosting.network.store import AbstractStore, Upload
from cosim.hosting.process import Limits, WorkerProcess

LONGEST_TIMEOUT: Final = 86_400.0
"""What a client may give a call of its FMU [s]."""
CALLS: Final = frozenset(
    ("group", "set_start", "enter_initialization", "exit_initialization", "batch", "explain", "get_state", "set_state",
     "free_state", "serialise_state", "deserialise_state", "directional_derivative", "write_derivatives",
     "read_derivatives", "reset", "terminate", "free", "logs")
)  # fmt: skip
"""What is passed on to the process of an FMU."""
_INTERFACES: Final = ("Co-Simulation", "Model Exchange")
_LONGEST_NAME: Final = 1000
_Kind = TypeVar("_Kind")


@dataclass(frozen=True, slots=True)
class Report:
    """Where sessions leave their answers."""

    context: zmq.Context[zmq.Socket[bytes]]
    address: str


class Session:
    """What a server knows of one client; only the server's own thread calls it."""

    def __init__(self, identity: bytes, store: AbstractStore, report: Report) -> None:
        self.number = 0
        """Of the last request."""
        self.is_working = False
        self.answer = b""
        """To the last request, when it is not working on one."""
        self.last_seen = 0.0
        self.announced = ""
        """The instance as it was told to whoever watches the server; '' before."""
        self._inbox: SimpleQueue[bytes | None] = SimpleQueue()
        self._hosting = _Hosting(store)
        self._identity, self._report = identity, report
        self._thread = threading.Thread(target=self._run, name="session", daemon=True)
        self._thread.start()

    def ask(self, number: int, message: bytes) -> None:
        """Begin to work on the next request."""
        self.number, self.is_working = number, True
        self._inbox.put(message)

    def end(self) -> None:
        """Let it end, whatever its FMU is doing."""
        self._inbox.put(None)
        self._hosting.stop()

    @property
    def instance(self) -> str:
        """The name of the instance and the hash of its file; '' while there is none."""
        return self._hosting.instance

    @property
    def is_alive(self) -> bool:
        """Whether something of it is left."""
        return self._thread.is_alive()

    def join(self) -> None:
        """Wait until nothing of it is left."""
        self._thread.join()

    def _run(self) -> None:
        with self._report.context.socket(zmq.PUSH) as sink:
            sink.linger = 0
            sink.connect(self._report.address)
            try:
                while (message := self._inbox.get()) is not None:
                    sink.send_multipart([self._identity, self._hosting.answer(message)])
            finally:
                self._hosting.close()


class _Hosting:
    """Answers messages of one client."""

    def __init__(self, store: AbstractStore) -> None:
        self._store = store
        self._limits = Limits()
        self._upload: Upload | None = None
        self._process: WorkerProcess | None = None
        self._link: ProcessLink | None = None
        self._is_stopped = False
        self.instance = ""
        self._path = ("", "")
        """Of the file, here, and what a client is told in its place."""
        self._own: Mapping[str, Callable[[Mapping[str, Any], bytes], dict[str, Any]]] = {
            "greet": self._greet,
            "offer": self._offer,
            "part": self._part,
            "instantiate": self._instantiate,
        }

    def answer(self, message: bytes) -> bytes:
        """Return the answer to a message, whatever it is."""
        try:
            head, body = unpack_whole(message)
            answer, content = self._answer(head, body)
            error = answer.get("error")
            if isinstance(error, dict):  # the client knows the file by its hash
                error["message"] = str(error.get("message")).replace(*self._path)
        except Garbled as why:
            answer, content = {"lost": f"was sent what is no message ({why})"}, b""
        except Lost as lost:
            answer, content = {"lost": lost.how, "doing": int(lost.doing)}, b""
        except CosimError as told:
            answer, content = {"error": to_head(told)}, b""
        except OSError as failure:
            text = f"The server cannot keep the file: {failure.strerror}."
            answer, content = {"error": to_head(FmuError(text))}, b""
        packed = pack(answer, content)
        if len(packed) > LARGEST_MESSAGE:
            return pack({"lost": f"gave an answer of {len(packed)} bytes, too many to be sent"})
        return packed

    def stop(self) -> None:
        """End the process from another thread."""
        self._is_stopped = True
        if self._process is not None:
            self._process.kill()

    def close(self) -> None:
        """Give up everything."""
        if self._upload is not None:
            self._upload.discard()
        if self._process is not None:
            self._process.end()

    def _answer(self, head: Mapping[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        call = _field(head, "call", str)
        if call in self._own:
            return self._own[call](head, body), b""
        if call not in CALLS or self._link is None:
            raise Garbled(f"'{call[:40]}' is not possible now")
        return self._link.call(head, body)

    def _greet(self, head: Mapping[str, Any], _: bytes) -> dict[str, Any]:
        if _field(head, "protocol", int) != VERSION:
            text = f"The server is cosim {__version__}, which speaks another protocol. Install the same on both sides."
            raise FmuError(text)
        timeout = _field(head, "timeout", float)
        memory = head.get("memory")
        least = share_of_memory()
        if isinstance(memory, int) and memory > 0:
            least = min(memory, least) if least is not None else memory
        self._limits = Limits(min(max(timeout, 1e-3), LONGEST_TIMEOUT), least)
        return {"version": __version__, "protocol": VERSION, "system": f"{platform.system()} {platform.machine()}"}

    def _offer(self, head: Mapping[str, Any], _: bytes) -> dict[str, Any]:
        sha256 = _field(head, "sha256", str)
        is_there = self._store.find(sha256) is not None
        if self._upload is not None:
            self._upload.discard()
        self._upload = None if is_there else self._store.upload(sha256, _field(head, "size", int))
        return {"is_there": is_there}

    def _part(self, head: Mapping[str, Any], body: bytes) -> dict[str, Any]:
        if self._upload is None or not 0 < len(body) <= LARGEST_PART:
            raise Garbled("no part of a file is expected")
        if self._upload.add(_field(head, "at", int), body):
            self._upload = None
        return {}

    def _instantiate(self, head: Mapping[str, Any], _: bytes) -> dict[str, Any]:
        sha256, interface, name = (_field(head, key, str) for key in ("sha256", "interface", "name"))
        names = _field(head, "names", dict)
        if self._link is not None or interface not in _INTERFACES or len(name) > _LONGEST_NAME:
            raise Garbled("it asks for no instance")
        if not all(isinstance(ours, str) and isinstance(theirs, str) for ours, theirs in names.items()):
            raise Garbled("names are texts")
        path = self._store.find(sha256)
        if path is None:
            raise FmuError("The server does not have the file any more. Run again.")
        self._process = WorkerProcess()
        self._process.limits = replace(self._limits)
        if self._is_stopped:  # it came between
            raise Lost("was stopped")
        self._link = ProcessLink(self._process, None)
        asked = {"file": str(path), "sha256": sha256, "interface": interface, "name": name, "names": names}
        self._path = str(path), f"{sha256}.fmu"
        answer = self._link.call({"call": "instantiate", **asked})[0]
        self.instance = f"'{name}' (SHA-256 {sha256[:12]}…)"
        return answer


def _field(head: Mapping[str, Any], key: str, kind: type[_Kind]) -> _Kind:
    """Return an entry of ``head`` that has to be of ``kind``."""
    value = head.get(key)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise Garbled(f"its '{key}' is not of type {kind.__name__}")
    return value
