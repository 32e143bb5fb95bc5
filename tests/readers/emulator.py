"""A SAM-V reader on a pseudo-terminal: speaks the protocol byte by byte, and badly when told to.

Replies are built here with their own framing, not with the bridge's. A card that was read must leave the field before it
is found again, as with a real one. The speed set on the terminal must be the reader's own, or noise comes back.
"""

import contextlib
import os
import select
import termios
import threading
import time
import tty
from dataclasses import dataclass

from tests.readers.cards import Card

HEAD = b"\xaa\xaa\xaa\x96\x69"
SPEEDS = {
    9600: termios.B9600, 19200: termios.B19200, 38400: termios.B38400, 57600: termios.B57600, 115200: termios.B115200
}  # fmt: skip
SAM_ID = bytes.fromhex("0500 0300 95783301 87d61200 d2029649".replace(" ", ""))


def reply(status: int, data: bytes = b"") -> bytes:
    """A reply frame: head, length, SW1 SW2 SW3, data, XOR of everything after the head."""
    size = 3 + len(data) + 1
    inner = bytes([size >> 8, size & 255, 0, 0, status]) + data
    xor = 0
    for one in inner:
        xor ^= one
    return HEAD + inner + bytes([xor])


@dataclass
class Fault:
    """What goes wrong with the next replies to a command (None: to any)."""

    kind: str  # noise | false-start | split | checksum | status | silent | late | cut
    command: bytes | None = None
    times: int = 1
    status: int = 0
    seconds: float = 0.0


class Emulator:
    """Runs in a thread until closed. `port` is the name to open."""

    def __init__(self, speed: int = 115200, delay_seconds: float = 0.0) -> None:
        self.speed, self.delay_seconds = speed, delay_seconds
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)
        self.port = os.ttyname(self.slave)
        self.card: Card | None = None
        self.read_already = self.found = self.selected = False
        self.faults: list[Fault] = []
        self.heard: list[bytes] = []
        self.dead = False
        self.running = True
        self.lock = threading.Lock()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def put(self, card: Card) -> None:
        """A card is laid down."""
        with self.lock:
            self.card, self.read_already, self.found, self.selected = card, False, False, False

    def take(self) -> None:
        """The card is lifted."""
        with self.lock:
            self.card = None

    def fail(self, kind: str, **facts) -> None:
        with self.lock:
            self.faults.append(Fault(kind, **facts))

    def mend(self) -> None:
        with self.lock:
            self.faults.clear()
            self.dead = False

    def close(self) -> None:
        self.running = False
        self.thread.join(5)
        for end in (self.master, self.slave):
            with contextlib.suppress(OSError):
                os.close(end)

    def _run(self) -> None:
        pending = bytearray()
        while self.running:
            ready, _, _ = select.select([self.master], [], [], 0.02)
            if not ready:
                continue
            try:
                pending += os.read(self.master, 4096)
            except OSError:
                time.sleep(0.02)
                continue
            while (command := self._command(pending)) is not None:
                self._answer(command)

    def _command(self, pending: bytearray) -> bytes | None:
        """The next command of what came: byte by byte, anything before the head thrown away."""
        at = pending.find(HEAD)
        if at < 0:
            return None
        del pending[:at]
        if len(pending) < 7 or len(pending) < 7 + pending[6]:
            return None
        whole = bytes(pending[: 7 + pending[6]])
        del pending[: len(whole)]
        xor = 0
        for one in whole[5:]:
            xor ^= one
        return whole[7:-1] if xor == 0 else b""

    def _answer(self, command: bytes) -> None:
        if self.dead:
            return
        if termios.tcgetattr(self.slave)[5] != SPEEDS[self.speed]:
            self._write(b"\x00\xf8\x80\x1e" * 3)
            return
        with self.lock:
            self.heard.append(command)
            fault = next((one for one in self.faults if one.command in (None, command)), None)
            if fault and fault.kind == "status":
                sent = reply(fault.status)
            else:
                sent = reply(0x10) if not command else self._deed(command)
            if fault:
                fault.times -= 1
                if fault.times == 0:
                    self.faults.remove(fault)
        if self.delay_seconds:
            time.sleep(self.delay_seconds)
        self._send(sent, fault)

    def _deed(self, command: bytes) -> bytes:
        deeds = {
            b"\x10\xff": lambda: reply(0x90), b"\x11\xff": lambda: reply(0x90), b"\x12\xff": lambda: reply(0x90, SAM_ID),
            b"\x20\x01": self._find, b"\x20\x02": self._select, b"\x30\x01": self._read, b"\x30\x03": self._address,
        }  # fmt: skip
        return deeds.get(command, lambda: reply(0x21))()

    def _find(self) -> bytes:
        self.found = self.card is not None and not self.read_already
        return reply(0x9F, bytes(4)) if self.found else reply(0x80)

    def _select(self) -> bytes:
        self.selected = self.card is not None and self.found
        return reply(0x90, bytes(8)) if self.selected else reply(0x81)

    def _read(self) -> bytes:
        if self.card is None or not self.selected:
            return reply(0x41)
        self.read_already = True
        content = self.card.text + self.card.photo
        return reply(0x90, bytes([1, 0, len(self.card.photo) >> 8, len(self.card.photo) & 255]) + content)

    def _address(self) -> bytes:
        if self.card is None or not self.card.newest_address:
            return reply(0x91)
        return reply(0x90, self.card.newest_address.ljust(35).encode("utf-16-le"))

    def _send(self, sent: bytes, fault: Fault | None) -> None:
        kind = fault.kind if fault else ""
        if kind == "silent":
            return
        if kind == "late":
            time.sleep(fault.seconds)
        if kind == "noise":
            sent = os.urandom(40).replace(b"\xaa", b"\x00") + b"\xaa\xaa" + sent
        if kind == "false-start":
            sent = HEAD + b"\x05\x08\x00\x00\x90" + sent
        if kind == "checksum":
            sent = sent[:-1] + bytes([sent[-1] ^ 0x55])
        if kind == "cut":
            sent = sent[: len(sent) // 2]
        if kind == "split":
            for at in range(0, len(sent), max(1, len(sent) // 9)):
                self._write(sent[at : at + max(1, len(sent) // 9)])
                time.sleep(0.03)
            return
        self._write(sent)

    def _write(self, data: bytes) -> None:
        with contextlib.suppress(OSError):
            while data:
                data = data[os.write(self.master, data) :]
