#!/usr/bin/env python3
"""Lets the portal's page read ID cards from a reader that speaks the SAM-V serial protocol. One file, Python 3.8 or newer.

    pip install pyserial
    python anju_reader.py --origin https://anju.example
    python anju_reader.py --origin https://anju.example --port COM3 --baud 115200 --decoder "C:\\wlt\\decode.exe -"

It serves http://127.0.0.1:19197 on this machine only. A page may ask when three things are right: its address is the
--origin given here, it knows the pairing code shown at the first start, and it speaks to 127.0.0.1 or localhost by name.

    GET /status             is the reader there and well
    GET or POST /read       waits up to ?wait= seconds (15 at most) for a card and answers with what stands on it

The photograph on the card (WLT, 1024 bytes) has no open decoder: --decoder names a program of your reader's vendor that
takes the 1024 bytes on standard input and writes a BMP, JPEG or PNG to standard output. Without it there is no photo.
Nothing that stands on a card is printed or written anywhere.
"""

import argparse
import base64
import contextlib
import hmac
import http.server
import json
import os
import re
import secrets
import select
import shlex
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
import urllib.parse

try:
    import serial
    from serial.tools import list_ports
except ImportError:  # said in main(): the frames and the layouts below work without it
    serial = None

VERSION = "1.0"
LISTEN = 19197
MOST_WAIT_SECONDS = 15
BAUDS = (115200, 57600, 38400, 19200, 9600)

# --- what a reader answers --------------------------------------------------------------------------------------------
# status byte: (code for the page, what it means, what to do)
STATUS = {
    0x90: ("ok", "操作成功", ""),
    0x9F: ("ok", "找到卡", ""),
    0x10: ("unreadable", "读卡器收到的数据校验不符", "请重试;如反复出现,请检查读卡器的连线"),
    0x11: ("unreadable", "读卡器收到的数据长度不符", "请重试;如反复出现,请检查读卡器的连线"),
    0x21: ("reader-fault", "读卡器不认识这条命令", "请确认读卡器支持二代身份证(SAM-V)"),
    0x23: ("reader-fault", "读卡器不允许这个操作", "请拔插读卡器后重试"),
    0x24: ("reader-fault", "读卡器报告无法识别的错误", "请拔插读卡器后重试"),
    0x31: ("card-refused", "卡未通过与读卡器的认证", "请拿起卡重放;如仍不行,此卡可能已损坏或失效"),
    0x32: ("card-refused", "读卡器未通过卡的认证", "请拿起卡重放;如仍不行,请联系读卡器厂家"),
    0x33: ("unreadable", "卡内信息验证不符", "请拿起卡重放;如仍不行,此卡可能已损坏"),
    0x40: ("card-kind", "不认识的卡", "请放身份证、居住证或外国人永久居留身份证"),
    0x41: ("unreadable", "读卡失败", "请把卡平放在读卡区,不要移动,再读一次"),
    0x47: ("reader-fault", "读卡器取随机数失败", "请拔插读卡器后重试"),
    0x60: ("reader-fault", "读卡器自检失败", "请拔插读卡器;如仍不行,请联系厂家"),
    0x66: ("reader-fault", "读卡器的安全模块未经授权", "请联系读卡器厂家"),
    0x80: ("no-card", "没有找到卡", "请放卡;如果卡已经在读卡器上,请拿起再放"),
    0x81: ("unreadable", "选卡失败", "请拿起卡重放,一次只放一张"),
    0x91: ("no-item", "卡内没有此项内容", ""),
}
OK, FOUND, NO_CARD, SELECT_FAILED, NO_ITEM = 0x90, 0x9F, 0x80, 0x81, 0x91

PROBLEMS = {
    "not-connected": ("没有找到读卡器", "请插好读卡器;多个串口时用 --port 指明"),
    "not-answering": ("读卡器没有应答", "请检查连线和电源,拔插读卡器后重试"),
    "unreadable": ("读卡器的应答不完整", "请拿起卡重放;如反复出现,请检查连线"),
    "card-kind": ("不认识的卡片版式", "请手工填写;并告诉我们这张卡的种类"),
    "busy": ("正在读卡", "请等上一次读卡结束"),
    "stopping": ("读卡程序正在退出", "请重新启动读卡程序"),
    "cancelled": ("已取消", ""),
    "origin": ("不允许这个网站读卡", "请用 --origin 写明门户的地址"),
    "host": ("只能用 127.0.0.1 或 localhost 访问", ""),
    "token": ("配对码不对", "请在读卡设置里填写读卡程序首次启动时显示的配对码"),
    "throttled": ("配对码错误次数过多", "请一分钟后再试"),
    "request": ("请求不正确", ""),
    "crowded": ("请求过多", "请稍后再试"),
}


class Problem(Exception):
    """Why there is no card, for the page: a code, what happened, what to do."""

    def __init__(self, code, status=None):
        what, deed = STATUS[status][1:] if status in STATUS else PROBLEMS.get(code, ("读卡失败", "请重试"))
        self.code, self.status, self.message = code, status, what + ("," + deed if deed else "")
        super().__init__(self.code)

    @classmethod
    def of(cls, status):
        return cls(STATUS.get(status, ("reader-fault",))[0], status)

    def facts(self):
        facts = {"ok": False, "code": self.code, "message": self.message}
        return facts if self.status is None else dict(facts, status=f"{self.status:02X}")


# --- frames -----------------------------------------------------------------------------------------------------------
PREAMBLE = bytes.fromhex("AAAAAA9669")
SHORTEST, LONGEST = 4, 3 + 6 + 256 + 1024 + 1024 + 1  # bytes after the length: text, photo, fingerprints
MOST_NOISE = 16 * 1024

RESET, STATE, SAM_ID = b"\x10\xff", b"\x11\xff", b"\x12\xff"
FIND, SELECT, READ, NEWEST_ADDRESS = b"\x20\x01", b"\x20\x02", b"\x30\x01", b"\x30\x03"


def checksum(data):
    total = 0
    for byte in data:
        total ^= byte
    return total


def frame(content):
    """A command as it goes over the line: preamble, length (with the checksum), content, XOR."""
    body = (len(content) + 1).to_bytes(2, "big") + content
    return PREAMBLE + body + bytes([checksum(body)])


class Frames:
    """Finds replies in what comes over the line, in whatever pieces and among whatever noise: (status, data)."""

    def __init__(self):
        self.buffer = bytearray()
        self.noise = self.damaged = 0

    def feed(self, piece):
        """Take a piece in; every reply that is whole by now."""
        self.buffer += piece
        found = []
        while True:
            at = self._preamble()
            if at is None:
                return found
            self._drop(at)
            state, size = self._whole_at(0)
            if state == "more":
                return found
            if state == "wrong":
                self.damaged += 1
                self._drop(1)
                continue
            found.append(self._reply(0, size))
            del self.buffer[:size]

    def idle(self):
        """Nothing came for a while: perhaps noise looked like a beginning. A whole reply behind it, if there is one."""
        at = self.buffer.find(PREAMBLE, 1)
        while at > 0:
            state, size = self._whole_at(at)
            if state == "whole":
                found = self._reply(at, size)
                self._drop(at)
                del self.buffer[:size]
                return [found]
            at = self.buffer.find(PREAMBLE, at + 1)
        return []

    def _preamble(self):
        at = self.buffer.find(PREAMBLE)
        if at >= 0:
            return at
        kept = next((n for n in range(len(PREAMBLE) - 1, 0, -1) if self.buffer.endswith(PREAMBLE[:n])), 0)
        self._drop(len(self.buffer) - kept)
        return None

    def _drop(self, count):
        self.noise += count
        del self.buffer[:count]

    def _whole_at(self, at):
        """("more" | "wrong" | "whole", bytes of the frame) of the preamble at a place."""
        start = at + len(PREAMBLE)
        if len(self.buffer) < start + 2:
            return "more", 0
        length = int.from_bytes(self.buffer[start : start + 2], "big")
        if not SHORTEST <= length <= LONGEST:
            return "wrong", 0
        end = start + 2 + length
        if len(self.buffer) < end:
            return "more", 0
        if checksum(self.buffer[start:end]):
            return "wrong", 0
        return "whole", end - at

    def _reply(self, at, size):
        content = bytes(self.buffer[at + len(PREAMBLE) + 2 : at + size - 1])
        return content[2], content[3:]


# --- the text of a card -----------------------------------------------------------------------------------------------
# field, bytes; 256 in all, UTF-16LE, padded with spaces; the letter of the layout stands at byte 248
RESIDENT = (
    ("name", 30), ("sex", 2), ("nation", 4), ("birth", 16), ("address", 70), ("number", 36), ("authority", 30),
    ("validFrom", 16), ("validTo", 16), ("", 28), ("type", 2), ("", 6),
)  # fmt: skip
PERMIT = (
    ("name", 30), ("sex", 2), ("", 4), ("birth", 16), ("address", 70), ("number", 36), ("authority", 30),
    ("validFrom", 16), ("validTo", 16), ("passNo", 18), ("issueCount", 4), ("", 6), ("type", 2), ("", 6),
)  # fmt: skip
FOREIGNER_2017 = (
    ("englishName", 120), ("sex", 2), ("number", 30), ("nationality", 6), ("name", 30), ("validFrom", 16),
    ("validTo", 16), ("birth", 16), ("", 4), ("authority", 8), ("type", 2), ("", 6),
)  # fmt: skip
FOREIGNER_2023 = (
    ("name", 30), ("sex", 2), ("renewals", 4), ("birth", 16), ("englishName", 70), ("number", 36), ("", 30),
    ("validFrom", 16), ("validTo", 16), ("englishName", 22), ("nationality", 6), ("type", 2), ("oldNumberLink", 6),
)  # fmt: skip
LAYOUTS = {
    " ": ("resident", RESIDENT),
    "J": ("hmt", PERMIT),
    "I": ("foreigner2017", FOREIGNER_2017),
    "Y": ("foreigner2023", FOREIGNER_2023),
}
FIELDS = (
    "name", "sex", "nation", "birth", "address", "newestAddress", "number", "authority", "validFrom", "validTo",
    "passNo", "issueCount", "englishName", "nationality", "renewals", "oldNumberLink",
)  # fmt: skip
TEXT_BYTES, PHOTO_BYTES, ADDRESS_BYTES, TYPE_AT = 256, 1024, 70, 248


def words(data):
    """The text of a field: padding and control characters gone; rare characters of the private use area stay."""
    text = data.decode("utf-16-le", "replace")
    return "".join(sign for sign in text if sign >= " " and not "\x7f" <= sign <= "\x9f").strip(" \u3000")


def parse(text):
    """The fields of the 256 bytes; Problem if the layout is not known."""
    if len(text) != TEXT_BYTES:
        raise Problem("unreadable")
    letter = text[TYPE_AT : TYPE_AT + 2].decode("utf-16-le", "replace").replace("\0", " ")
    if letter not in LAYOUTS:
        raise Problem("card-kind")
    kind, layout = LAYOUTS[letter]
    pieces, at = {}, 0
    for name, size in layout:
        pieces[name] = pieces.get(name, b"") + text[at : at + size]
        at += size
    card = {"cardType": kind}
    card.update((name, words(pieces.get(name, b""))) for name in FIELDS)
    return card


# --- the reader -------------------------------------------------------------------------------------------------------
ANSWER_SECONDS = {READ: 5.0, NEWEST_ADDRESS: 3.0}
PROBE_SECONDS, QUIET_SECONDS, BROKEN_SECONDS, POLL_SECONDS, TRIES, MOST_PORTS = 0.5, 0.15, 0.5, 0.2, 3, 16


class Line:
    """A serial port at one speed. Not for two threads at a time."""

    def __init__(self, port, baud):
        more = {} if os.name == "nt" else {"exclusive": True}
        self.port, self.baud = port, baud
        self.serial = serial.Serial(port, baud, timeout=0.05, write_timeout=1, **more)

    def close(self):
        with contextlib.suppress(OSError, serial.SerialException):
            self.serial.close()

    def ask(self, command, accept, seconds=None):
        """(status, data) of the reply to a command; asked again when it came damaged or not at all.

        `accept(status, data)` says whether a reply can be one to this command: a late one to another is passed over.
        """
        damaged = False
        for _ in range(TRIES):
            self.serial.reset_input_buffer()
            self.serial.write(frame(command))
            frames = Frames()
            reply = self._reply(frames, accept, time.monotonic() + (seconds or ANSWER_SECONDS.get(command, 1.0)))
            if reply and reply[0] not in (0x10, 0x11):  # the command itself came damaged to the reader
                return reply
            damaged = damaged or bool(reply or frames.damaged or frames.noise or frames.buffer)
        raise Problem("unreadable" if damaged else "not-answering")

    def _reply(self, frames, accept, deadline):
        heard = time.monotonic()
        while time.monotonic() < deadline and frames.noise < MOST_NOISE:
            piece = self.serial.read(max(1, min(self.serial.in_waiting, 4096)))
            now = time.monotonic()
            if piece:
                heard, replies = now, frames.feed(piece)
            else:
                replies = frames.idle() if now - heard > QUIET_SECONDS else []
                if now - heard > BROKEN_SECONDS and (frames.damaged or len(frames.buffer) > len(PREAMBLE)):
                    return None  # the rest will not come: sooner asked again than waited for
            for reply in replies:
                if accept(*reply):
                    return reply
        return None

    def probe(self):
        """Does a reader answer here at this speed?"""
        self.serial.reset_input_buffer()
        self.serial.write(frame(STATE))
        return bool(self._reply(Frames(), lambda status, data: status in STATUS, time.monotonic() + PROBE_SECONDS))


def _plain(status, data):
    return status != FOUND


def _found(status, data):
    return status != OK


def _whole_card(status, data):
    return status not in (OK, FOUND) or (status == OK and len(data) >= 4 + TEXT_BYTES)


def _whole_address(status, data):
    return status not in (OK, FOUND) or (status == OK and len(data) >= ADDRESS_BYTES)


class Reader:
    """The one reader of this workstation: found when first needed, found again after it was pulled out."""

    def __init__(self, port=None, baud=None, decoder=None):
        self.ports, self.bauds, self.decoder = [port] if port else None, (baud,) if baud else BAUDS, decoder
        self.line, self.lock, self.stopping = None, threading.Lock(), threading.Event()

    def read(self, wait_seconds, cancelled=lambda: False):
        """{"card": {...}, "messages": [...]} of the next card; Problem. One at a time: the second is told "busy"."""
        with self._alone():
            return self._on_the_line(lambda: self._next_card(time.monotonic() + wait_seconds, cancelled))

    def status(self):
        """What the reader says of itself; Problem."""
        with self._alone():
            return self._on_the_line(self._state)

    def close(self):
        self.stopping.set()
        if self.lock.acquire(timeout=3):
            self._hang_up()
            self.lock.release()

    @contextlib.contextmanager
    def _alone(self):
        if not self.lock.acquire(blocking=False):
            raise Problem("busy")
        try:
            yield
        finally:
            self.lock.release()

    def _on_the_line(self, deed):
        try:
            if self.line is None:
                self.line = self._find()
            return deed()
        except Problem as problem:
            if problem.code in ("not-answering", "not-connected"):
                self._hang_up()
            raise
        except (OSError, ValueError, serial.SerialException) as error:
            self._hang_up()
            raise Problem("not-connected") from error

    def _hang_up(self):
        if self.line:
            self.line.close()
        self.line = None

    def _find(self):
        """The first port and speed at which a reader answers."""
        opened = False
        ports = self.ports or sorted(
            (found.device for found in list_ports.comports()), key=lambda name: ("USB" not in name.upper(), name)
        )
        for port in ports[:MOST_PORTS]:
            for baud in self.bauds:
                if self.stopping.is_set():
                    raise Problem("stopping")
                line = None
                try:
                    line = Line(port, baud)
                    opened = True
                    if line.probe():
                        return line
                except (OSError, ValueError, serial.SerialException):
                    if line is None:
                        break  # cannot be opened at any speed
                if line:
                    line.close()
        raise Problem("not-answering" if opened and self.ports else "not-connected")

    def _state(self):
        status, _data = self.line.ask(STATE, _plain)
        if status != OK:
            raise Problem.of(status)
        status, data = self.line.ask(SAM_ID, _plain)
        return {"port": self.line.port, "baud": self.line.baud, "samId": sam_id(data) if status == OK else ""}

    def _next_card(self, deadline, cancelled):
        failed = None
        while True:
            if self.stopping.is_set():
                raise Problem("stopping")
            if cancelled():
                raise Problem("cancelled")
            status, _data = self.line.ask(FIND, _found)
            if status == FOUND:
                try:
                    return self._card()
                except Problem as problem:
                    if problem.code not in ("unreadable", "card-refused", "no-card"):
                        raise
                    failed = problem  # laid down badly: perhaps it works when it lies still
            elif status != NO_CARD:
                raise Problem.of(status)
            if time.monotonic() >= deadline:
                raise failed or Problem.of(NO_CARD)
            self.stopping.wait(POLL_SECONDS)

    def _card(self):
        status, _data = self.line.ask(SELECT, _plain)
        if status != OK:
            raise Problem.of(status)
        status, data = self.line.ask(READ, _whole_card)
        if status != OK:
            raise Problem.of(status)
        text, photo = split(data)
        card, messages = parse(text), []
        card["newestAddress"] = self._newest_address(messages)
        card["photo"], told = self._picture(photo)
        return {"card": card, "messages": messages + told}

    def _newest_address(self, messages):
        try:
            status, data = self.line.ask(NEWEST_ADDRESS, _whole_address)
        except Problem:
            status, data = None, b""
        if status == OK:
            return words(data[:ADDRESS_BYTES])
        if status != NO_ITEM:
            messages.append({"code": "newest-address", "message": "卡内的最新住址没有读出,请核对住址"})
        return ""

    def _picture(self, wlt):
        if len(wlt) != PHOTO_BYTES:
            return None, [{"code": "photo-missing", "message": "卡内没有照片"}]
        if not self.decoder:
            text = "照片没有解码:没有公开的解码程序,请用 --decoder 指明厂家的解码程序"
            return None, [{"code": "photo-not-decoded", "message": text}]
        picture = decode(self.decoder, wlt)
        if picture is None:
            return None, [{"code": "photo-not-decoded", "message": "厂家的解码程序没有给出照片"}]
        return base64.b64encode(picture).decode("ascii"), []


def split(data):
    """(text, photo) of a read reply: their two lengths stand in front."""
    text_size, photo_size = int.from_bytes(data[:2], "big"), int.from_bytes(data[2:4], "big")
    if text_size != TEXT_BYTES or photo_size not in (0, PHOTO_BYTES) or len(data) < 4 + text_size + photo_size:
        raise Problem("unreadable")
    return data[4 : 4 + text_size], data[4 + text_size : 4 + text_size + photo_size]


def sam_id(data):
    """The number printed on the reader's security module, 05.03-20150925-0001234567-1234567890."""
    if len(data) < 16:
        return ""
    parts = [int.from_bytes(data[at : at + size], "little") for at, size in ((0, 2), (2, 2), (4, 4), (8, 4), (12, 4))]
    return "{:02d}.{:02d}-{:08d}-{:010d}-{:010d}".format(*parts)


# --- the photograph ---------------------------------------------------------------------------------------------------
DECODER_SECONDS, MOST_PICTURE = 5, 1000 * 1000
PICTURES = (b"BM", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


def decode(command, wlt):
    """What the vendor's program makes of the 1024 bytes, or None: bounded in time and size, only a picture passes."""
    hidden = {"creationflags": 0x08000000} if os.name == "nt" else {}  # no console window
    try:
        program = subprocess.Popen(  # noqa: S603 -- named by the operator on the command line
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **hidden
        )
    except (OSError, ValueError):
        return None
    made = []
    helper = threading.Thread(target=_converse, args=(program, wlt, made), daemon=True)
    helper.start()
    helper.join(DECODER_SECONDS)
    with contextlib.suppress(OSError):
        program.kill()
    helper.join(1)
    with contextlib.suppress(subprocess.TimeoutExpired):
        program.wait(1)
    picture = made[0] if made else b""
    return picture if len(picture) <= MOST_PICTURE and picture.startswith(PICTURES) else None


def _converse(program, wlt, made):
    with contextlib.suppress(OSError, ValueError):
        with contextlib.suppress(BrokenPipeError):
            program.stdin.write(wlt)
            program.stdin.close()
        made.append(program.stdout.read(MOST_PICTURE + 1))
        program.stdout.close()


# --- the pairing code -------------------------------------------------------------------------------------------------
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that look alike
GROUPS, GROUP = 5, 5
WRONG_TOKENS, THROTTLE_SECONDS = 5, 60


def plain_token(text):
    return "".join(sign for sign in text.upper() if sign in LETTERS)


def default_token_file():
    folder = os.environ.get("APPDATA") or os.path.join(os.path.expanduser("~"), ".config")
    return os.path.join(folder, "anju_reader", "token")


def load_token(path, renew=False):
    """(token, whether it is new). The file is its owner's alone; SystemExit if others can read it."""
    if not renew and os.path.lexists(path):
        return _kept_token(path), False
    folder = os.path.dirname(os.path.abspath(path))
    os.makedirs(folder, mode=0o700, exist_ok=True)
    token = "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))
    draft = f"{path}.{secrets.token_hex(4)}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(token + "\n")
    os.replace(draft, path)
    return token, True


def _kept_token(path):
    with open(path, encoding="ascii", errors="replace") as file:
        if os.name != "nt" and stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
            raise SystemExit(f"配对码文件 {path} 别人也能读。请用 --new-token 换一个配对码。")
        token = file.read(200).strip()
    if len(plain_token(token)) != GROUPS * GROUP:
        raise SystemExit(f"配对码文件 {path} 已损坏。请用 --new-token 换一个配对码。")
    return token


class Pairing:
    """Compares tokens in constant time; after five wrong ones in a minute none is looked at for a minute."""

    def __init__(self, token):
        self.token, self.wrong, self.lock = plain_token(token).encode(), [], threading.Lock()

    def check(self, header):
        """Problem unless the header carries the token."""
        now = time.monotonic()
        with self.lock:
            self.wrong = [at for at in self.wrong if now - at < THROTTLE_SECONDS]
            if len(self.wrong) >= WRONG_TOKENS:
                raise Problem("throttled")
            kind, _, given = (header or "")[:200].partition(" ")
            if kind.lower() == "bearer" and hmac.compare_digest(plain_token(given).encode(), self.token):
                self.wrong = []
                return
            if given:
                self.wrong.append(now)
        raise Problem("token")


# --- the door for the page --------------------------------------------------------------------------------------------
ORIGIN = re.compile(r"https://[a-z0-9.-]+(:\d{1,5})?|http://(127\.0\.0\.1|localhost)(:\d{1,5})?")
HTTP_CODES = {
    "origin": 403, "host": 421, "token": 401, "throttled": 429, "busy": 409, "request": 400, "crowded": 503, "stopping": 503
}  # fmt: skip
MOST_BODY, MOST_AT_ONCE, REQUEST_SECONDS = 1024, 16, 5


class Server(http.server.ThreadingHTTPServer):
    """Listens on 127.0.0.1 only; a bounded number of conversations."""

    daemon_threads, allow_reuse_address, request_queue_size = True, os.name != "nt", 16

    def __init__(self, port, reader, pairing, origins):
        self.reader, self.pairing, self.origins = reader, pairing, frozenset(origins)
        self.seats = threading.BoundedSemaphore(MOST_AT_ONCE)
        super().__init__(("127.0.0.1", port), Door)
        self.hosts = {f"{name}:{self.server_address[1]}" for name in ("127.0.0.1", "localhost")}

    def process_request(self, request, address):
        if not self.seats.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, address)

    def process_request_thread(self, request, address):
        try:
            super().process_request_thread(request, address)
        finally:
            self.seats.release()

    def handle_error(self, request, address):
        """A caller that hung up, or a fault: its kind is told, never what was being read."""
        kind = sys.exc_info()[0]
        if kind and not issubclass(kind, OSError):
            say(f"内部错误:{kind.__name__}")


class Door(http.server.BaseHTTPRequestHandler):
    """One request. Who asks is looked at before what is asked."""

    timeout, server_version, sys_version = REQUEST_SECONDS, "anju-reader", ""

    def do_OPTIONS(self):
        with self._refusals():
            self._known_caller()
            self.send_response(204)
            self._allow()
            self.send_header("Access-Control-Allow-Methods", "GET, POST")
            self.send_header("Access-Control-Allow-Headers", "Authorization, Content-Type")
            self.send_header("Access-Control-Max-Age", "600")
            if self.headers.get("Access-Control-Request-Private-Network", "").lower() == "true":
                self.send_header("Access-Control-Allow-Private-Network", "true")
            self.send_header("Content-Length", "0")
            self.end_headers()

    def do_GET(self):
        with self._refusals():
            self._known_caller()
            address = urllib.parse.urlsplit(self.path)
            if address.path not in ("/status", "/read"):
                raise Problem("request")
            given = self._given(address.query)
            self.server.pairing.check(self.headers.get("Authorization"))
            self._tell(self._status() if address.path == "/status" else self._read(given))

    do_POST = do_GET

    def _known_caller(self):
        """By the name it used for this machine (a foreign name that leads here is a trick), and by its origin."""
        hosts, origins = self.headers.get_all("Host") or [], self.headers.get_all("Origin") or []
        if len(hosts) != 1 or hosts[0].lower() not in self.server.hosts:
            raise Problem("host")
        if len(origins) != 1 or origins[0] not in self.server.origins:
            raise Problem("origin")

    def _given(self, query):
        """The wait in seconds: ?wait= or {"wait": n}."""
        given = dict(urllib.parse.parse_qsl(query[:200]))
        if self.command == "POST":
            length = self.headers.get("Content-Length", "0")
            if "Transfer-Encoding" in self.headers or not re.fullmatch(r"\d{1,5}", length) or int(length) > MOST_BODY:
                raise Problem("request")
            given.update(_json(self.rfile.read(int(length))))
        try:
            wait = float(given.get("wait", 0))
        except (TypeError, ValueError, OverflowError):
            raise Problem("request") from None
        return min(wait, MOST_WAIT_SECONDS) if wait > 0 else 0  # not a number is no wait either

    def _status(self):
        facts = {"ok": True, "version": VERSION, "decoder": bool(self.server.reader.decoder)}
        try:
            facts.update(self.server.reader.status(), busy=False)
        except Problem as problem:
            if problem.code != "busy":
                raise
            facts.update(busy=True)
        return facts

    def _read(self, wait):
        read = self.server.reader.read(wait, self._caller_left)
        say("读到一张卡")
        return dict(read, ok=True)

    def _caller_left(self):
        try:
            ready, _, _ = select.select([self.connection], [], [], 0)
            return bool(ready) and not self.connection.recv(1, socket.MSG_PEEK)
        except (OSError, ValueError):
            return True

    @contextlib.contextmanager
    def _refusals(self):
        try:
            yield
        except Problem as problem:
            self.close_connection = True
            if problem.code != "cancelled":
                self._tell(problem.facts(), HTTP_CODES.get(problem.code, 200), problem.code not in ("host", "origin"))

    def _allow(self):
        self.send_header("Access-Control-Allow-Origin", self.headers["Origin"])
        self.send_header("Vary", "Origin")

    def _tell(self, facts, code=200, to_known=True):
        body = json.dumps(facts, ensure_ascii=False).encode()
        self.send_response(code)
        if to_known:
            self._allow()
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        # A page that is refused may learn that it is (and say what to do), nothing else.
        self.send_header("Cross-Origin-Resource-Policy", "same-origin" if to_known else "cross-origin")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments):
        """Nothing: an address or a header in a log helps nobody."""


def _json(body):
    try:
        given = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise Problem("request") from None
    if not isinstance(given, dict):
        raise Problem("request")
    return given


# --- the command line -------------------------------------------------------------------------------------------------
def say(text):
    """A line on the console, with the time."""
    with contextlib.suppress(OSError, ValueError):
        print(time.strftime("%H:%M:%S ") + text, flush=True)


def _origin(text):
    if not ORIGIN.fullmatch(text):
        raise argparse.ArgumentTypeError("应为门户的地址,如 https://anju.example,不带路径和末尾的斜杠")
    return text


def _program(text):
    parts = shlex.split(text, posix=os.name != "nt")
    parts = [part.strip('"') for part in parts] if os.name == "nt" else parts
    if not parts:
        raise argparse.ArgumentTypeError("应为一个程序")
    return parts


def _arguments(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--origin", type=_origin, action="append", required=True, help="门户的地址,可写多次")
    parser.add_argument("--port", help="串口,如 COM3 或 /dev/ttyUSB0;不写则逐个查找")
    parser.add_argument("--baud", type=int, choices=BAUDS, help="波特率;不写则逐个试")
    parser.add_argument("--listen", type=int, default=LISTEN, metavar="PORT", help=f"本机端口,默认 {LISTEN}")
    parser.add_argument("--decoder", type=_program, help="厂家的照片解码程序及参数")
    parser.add_argument("--token-file", default=default_token_file(), help="配对码的文件")
    parser.add_argument("--new-token", action="store_true", help="换一个配对码")
    return parser.parse_args(arguments)


def main(arguments=None):
    """The command line; 0 after Ctrl+C, 2 when it cannot start."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="replace")
    given = _arguments(arguments)
    if serial is None:
        print("缺少 pyserial:请先运行 pip install pyserial", file=sys.stderr)
        return 2
    token, new = load_token(given.token_file, given.new_token)
    reader = Reader(given.port, given.baud, given.decoder)
    try:
        server = Server(given.listen, reader, Pairing(token), given.origin)
    except OSError:
        print(f"本机端口 {given.listen} 已被占用:读卡程序可能已经在运行,或用 --listen 换一个端口", file=sys.stderr)
        return 2
    if new:
        say(f"配对码(请填入门户的读卡设置,只显示这一次):{token}")
    say("读卡程序已启动:http://127.0.0.1:{},允许 {}".format(server.server_address[1], "、".join(given.origin)))
    threading.Thread(target=_first_look, args=(reader,), daemon=True).start()
    for ending in (signal.SIGTERM, signal.SIGINT):  # also where a shell started it with Ctrl+C ignored
        signal.signal(ending, _interrupt)
    try:
        server.serve_forever(poll_interval=0.2)
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        reader.close()
        server.server_close()
    say("读卡程序已停止")
    return 0


def _interrupt(_signal, _frame):
    raise KeyboardInterrupt


def _first_look(reader):
    try:
        facts = reader.status()
        say("读卡器 {port},{baud} 波特,模块 {samId}".format(**facts))
    except Problem as problem:
        if problem.code not in ("busy", "stopping"):
            say(problem.message)


if __name__ == "__main__":
    sys.exit(main())
