"""A small TCP proxy on loopback that can refuse, cut or stall connections, as networks do."""

import socket
import struct
import threading
from contextlib import suppress

CHUNK = 1 << 14
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends a reset instead of an orderly end


class Proxy:
    """Forwards to `target`; `faults` says how many of the next connections go wrong after `after` bytes of answer."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.target = target
        self.fault, self.faults, self.after = "", 0, 0
        self.opened = 0
        self.sockets: list[socket.socket] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "Proxy":
        return self

    def __exit__(self, *_: object) -> None:
        for one in (self.listener, *self.sockets):
            end(one)

    def fail(self, fault: str, *, after: int = 0, times: int = 1_000) -> None:
        """`reset` cuts the connection, `stall` keeps it open and silent."""
        self.fault, self.after, self.faults = fault, after, times

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                self.opened += 1
                fault = self.fault if self.faults > 0 else ""
                self.faults -= 1
                server = socket.create_connection(self.target)
                self.sockets += [client, server]
                threading.Thread(target=self._forward, args=(client, server, "", 0), daemon=True).start()
                threading.Thread(target=self._forward, args=(server, client, fault, self.after), daemon=True).start()

    def _forward(self, source: socket.socket, sink: socket.socket, fault: str, after: int) -> None:
        sent = 0
        with suppress(OSError):
            while data := source.recv(CHUNK):
                if fault and sent + len(data) > after:
                    if fault == "stall":
                        return
                    for one in (sink, source):
                        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                    break
                sink.sendall(data)
                sent += len(data)
        for one in (sink, source):
            end(one)


def end(one: socket.socket) -> None:
    """Also where another thread waits for it: closing alone would leave the connection open until that returns."""
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
