"""The hosts of one component at a server."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cosim.errors import FmuError
from cosim.hosting.failure import from_head
from cosim.hosting.host import HostedFile, instantiate_over
from cosim.hosting.instance import HostedInstance, pass_on
from cosim.hosting.link import Lost
from cosim.hosting.network.keys import find_token, keys_of
from cosim.hosting.network.link import RemoteLink
from cosim.hosting.network.protocol import LARGEST_PART, VERSION
from cosim.hosting.process import Limits


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a server says of itself."""

    version: str
    system: str


class RemoteHost:
    """Makes instances at the server that listens at ``address``, for whoever has the token in ``token_file``."""

    def __init__(self, address: str, token_file: Path | None, limits: Limits) -> None:
        self._address, self._limits = address, limits
        self._token = find_token(token_file)
        self._idle: RemoteLink | None = None

    def instantiate(self, file: HostedFile, name: str) -> HostedInstance:
        """Return an instance of ``file`` called ``name``, sent to the server where that does not have it.

        Raises
        ------
        FmuError
            When it cannot be instantiated, for whatever reason.
        """
        link, self._idle = self._idle, None
        try:
            if link is None:
                link, _ = self._connected()
            _send(link, file)
        except Lost as lost:
            if link is not None:
                link.close(is_sound=False)
            text = f"'{name}' cannot be instantiated from '{file.path}': its process {lost.how}"
            raise FmuError(text, component=name) from lost
        except BaseException:
            if link is not None:
                link.close(is_sound=False)
            raise
        link.called = (f"{file.sha256}.fmu", str(file.path))
        return instantiate_over(link, file, name, "")

    def greet(self) -> Greeting:
        """Return what the server says of itself, and stay connected for the next instance.

        Raises
        ------
        FmuError
            When it cannot be reached.
        """
        self.close()
        try:
            self._idle, greeting = self._connected()
        except Lost as lost:
            raise FmuError(f"A process {lost.how}") from lost
        return greeting

    def close(self) -> None:
        """Give up the connection that waits for an instance; legal any number of times."""
        link, self._idle = self._idle, None
        if link is not None:
            link.close(is_sound=True)

    def _connected(self) -> tuple[RemoteLink, Greeting]:
        link = RemoteLink(self._address, keys_of(self._token), self._limits.timeout)
        try:
            head = {"protocol": VERSION, "timeout": float(self._limits.timeout), "memory": self._limits.memory}
            answer = _asked(link, {"call": "greet", **head})
        except BaseException:
            link.close(is_sound=False)
            raise
        return link, Greeting(str(answer.get("version"))[:40], str(answer.get("system"))[:80])


def _send(link: RemoteLink, file: HostedFile) -> None:
    """Send ``file`` unless the server has it."""
    try:
        with file.path.open("rb") as opened:
            size = file.path.stat().st_size
            if _asked(link, {"call": "offer", "sha256": file.sha256, "size": size}).get("is_there") is True:
                return
            for at in range(0, size, LARGEST_PART):
                _asked(link, {"call": "part", "at": at}, opened.read(LARGEST_PART))
    except OSError as error:
        raise FmuError(f"FMU '{file.path}' cannot be read: {error.strerror}.") from error


def _asked(link: RemoteLink, head: dict[str, Any], body: bytes = b"") -> dict[str, Any]:
    answer, _ = link.call(head, body)
    pass_on(answer)
    if "error" in answer:
        raise from_head(answer["error"])
    return answer
