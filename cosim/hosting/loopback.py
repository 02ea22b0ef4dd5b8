"""Workers on systems that cannot pass descriptors on, as Windows: a socket on loopback, and the standard streams.

The worker ends when its standard input is closed. What it and its FMU print is taken by a thread, and given on over a
pair of sockets, which can be waited for.
"""

from __future__ import annotations

import secrets
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from typing import IO, Final

from cosim.hosting.starting import environment

ARRIVAL: Final = 120.0
"""How long a worker may take to connect [s]."""
LENGTH: Final = 32
"""Bytes by which a worker shows that it is the one that was started, not another program of this machine."""


def start_over_loopback(folder: str) -> tuple[subprocess.Popen[bytes], socket.socket, socket.socket]:
    """Return a new worker, the socket it is asked over, and the one that gives what it prints; raises OSError."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "cosim.hosting.worker", str(listener.getsockname()[1]), folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment(folder),
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),  # Ctrl-C is ours to answer
        )
        assert process.stdin is not None
        assert process.stdout is not None
        ours, theirs = socket.socketpair()
        threading.Thread(target=_give_on, args=(process.stdout, theirs), daemon=True).start()
        try:
            secret = secrets.token_bytes(LENGTH)
            process.stdin.write(secret)
            process.stdin.flush()
            return process, _arrived(listener, process, secret), ours
        except BaseException:
            ours.close()
            process.kill()
            process.stdin.close()
            process.wait()
            raise


def _arrived(listener: socket.socket, process: subprocess.Popen[bytes], secret: bytes) -> socket.socket:
    listener.settimeout(0.1)
    for _ in range(int(ARRIVAL / 0.1)):
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            if process.poll() is not None:
                raise ChildProcessError(f"it ended with exit code {process.returncode}") from None
            continue
        connection.settimeout(1.0)
        with suppress(OSError):
            if secrets.compare_digest(connection.recv(LENGTH, socket.MSG_WAITALL), secret):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return connection
        connection.close()
    raise TimeoutError("it does not connect")


def _give_on(source: IO[bytes], sink: socket.socket) -> None:
    """Pass on what is printed; what nobody takes holds up whoever prints, as with a pipe."""
    with source, sink, suppress(OSError):
        while part := source.read1(1 << 16):  # type: ignore[attr-defined]
            sink.sendall(part)


def connect(port: int, secret: bytes) -> socket.socket:
    """Return the worker's end of the connection."""
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(secret)
    return connection
