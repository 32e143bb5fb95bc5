"""The services vendors install beside their readers, as real servers on free ports, with their quirks.

What they answer is built from the cards of tests.readers.cards, in each vendor's own words; `faults` make them misbehave.
"""

import base64
import contextlib
import hashlib
import io
import json
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from PIL import Image

from tests.readers.cards import Card

NATIONS = {"01": "汉", "11": "满"}
COUNTRIES = {"CAN": "加拿大/CAN", "586": "巴基斯坦/PAK"}


def portrait(form: str = "JPEG", size: tuple[int, int] = (102, 126)) -> bytes:
    """A grey picture of the size on a card."""
    made = io.BytesIO()
    Image.new("RGB", size, "#8899aa").save(made, form)
    return made.getvalue()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


class Service:
    """A server on a free port. `card` lies on its reader; `says` replaces an answer: bytes, or a function of the door."""

    cors = True

    def __init__(self, port: int = 0) -> None:
        self.card: Card | None = None
        self.picture = portrait()
        self.says: Any = None
        self.asked: list[str] = []
        self.origins: list[str | None] = []
        self.busy = threading.Lock()
        self.refused = 0
        service = self

        class Door(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                service.asked.append(self.path)
                service.origins.append(self.headers.get("Origin"))
                with contextlib.suppress(OSError):
                    service.answer(self)

            def do_OPTIONS(self) -> None:
                service.send(self, b"", 204)

            def log_message(self, *_arguments: object) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Door)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def put(self, card: Card) -> None:
        self.card = card

    def answer(self, door: BaseHTTPRequestHandler) -> None:
        if self.says is not None:
            said = self.says(door) if callable(self.says) else self.says
            if said is not None:
                self.send(door, said)
            return
        self.send(door, self.deed(urlsplit(door.path)))

    def send(self, door: BaseHTTPRequestHandler, body: bytes, code: int = 200) -> None:
        door.send_response(code)
        if self.cors:
            door.send_header("Access-Control-Allow-Origin", "*")
            door.send_header("Access-Control-Allow-Headers", "*")
            door.send_header("Access-Control-Allow-Private-Network", "true")
        door.send_header("Content-Type", "application/json")
        door.send_header("Content-Length", str(len(body)))
        door.end_headers()
        door.wfile.write(body)

    def deed(self, address: Any) -> bytes:
        raise NotImplementedError

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(5)


class Xzx(Service):
    """新中新 XZX_WEBAPI 3.3.4: waits for a card, refuses a second call meanwhile."""

    TYPES = {" ": "0", "I": "1", "J": "2", "Y": "3"}

    def deed(self, address: Any) -> bytes:
        if address.path == "/api/Version":
            return b'{"retcode":"0","retmsg":"v3.3.4","errmsg":""}'
        if address.path != "/api/ReadMsg":
            return b"404 page not found"
        if not self.busy.acquire(blocking=False):
            self.refused += 1
            return self.failure("0x1", "读卡器正忙,读卡中")
        try:
            end = time.monotonic() + float(parse_qs(address.query).get("waitTime", ["3"])[0])
            while self.card is None and time.monotonic() < end:
                time.sleep(0.05)
            card, self.card = self.card, None
            return self.told(card) if card else self.failure("0x80", "没有找到卡,请放卡")
        finally:
            self.busy.release()

    @staticmethod
    def failure(retcode: str, retmsg: str) -> bytes:
        return json.dumps(
            {"code": "1", "retcode": retcode, "retmsg": retmsg, "errmsg": ""}, ensure_ascii=False
        ).encode()

    def told(self, card: Card) -> bytes:
        on = card.fields
        foreign = card.letter in "IY"
        return json.dumps({
            "code": "0", "retcode": "0x90 0x1" if self.picture else "0x90 0x0", "retmsg": "操作成功||相片解码解码正确",
            "errmsg": "", "name": on["name"], "sex": {"1": "男", "2": "女"}[on["sex"]],
            "nation": COUNTRIES[on["nationality"]] if foreign else NATIONS.get(on.get("nation", ""), ""), "born": on["birth"],
            "address": on.get("address", ""), "cardno": on["number"], "userlifeb": on["validFrom"],
            "userlifee": on["validTo"], "police": on.get("authority", ""), "photobase64": b64(self.picture),
            "FpDescribe": "", "FpData": None, "CardType": self.TYPES[card.letter], "EngName": on.get("englishName", ""),
            "CertVol": "01", "PassID": on.get("passNo", "000000000"), "IssuesTimes": on.get("issueCount", "01"),
            "frontImg": "", "backImg": "",
        }, ensure_ascii=False).encode()  # fmt: skip


class Cvr100(Service):
    """华视 CVR-100, an old build: `"key" : value` in lines without commas; a card is told once the device is open."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.is_open = False
        self.strict = False

    def deed(self, address: Any) -> bytes:
        path = address.path.partition("&")[0]
        if path == "/OpenDevice":
            self.is_open = True
            return self.lines({"errorMsg": "打开设备成功", "resultFlag": 0})
        if path == "/CloseDevice":
            self.is_open = False
            return self.lines({"errorMsg": "关闭设备成功", "resultFlag": 0})
        if path == "/readcard" and self.is_open and self.card:
            return self.lines(self.told(self.card))
        return self.lines({"certNumber": "", "errorMsg": "读卡失败", "identityPic": "", "resultFlag": -11})

    def lines(self, told: dict[str, Any]) -> bytes:
        if self.strict:
            return json.dumps(told, ensure_ascii=False).encode()
        rows = [f'   "{key}" : {json.dumps(value, ensure_ascii=False)}' for key, value in told.items()]
        return ("{\n" + "\n".join(rows) + "\n}\n").encode("gb18030")

    def told(self, card: Card) -> dict[str, Any]:
        on, dashed = card.fields, lambda text: f"{text[:4]}-{text[4:6]}-{text[6:]}" if text.isdigit() else text
        return {
            "bornDay": dashed(on["birth"]), "certAddress": on.get("address", ""), "certNumber": on["number"],
            "certOrg": on.get("authority", ""), "certType": "" if card.letter == " " else card.letter, "effDate":
            dashed(on["validFrom"]), "errorMsg": "读卡成功", "expDate": dashed(on["validTo"]),
            "gender": {"1": "男", "2": "女"}[on["sex"]], "identityPic": b64(self.picture),
            "nation": NATIONS.get(on.get("nation", ""), "") or on.get("nationality", ""), "nationCode": on.get("nation", ""),
            "partyName": on["name"], "resultFlag": 0, "englishName": on.get("englishName", ""),
        }  # fmt: skip


GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Line:
    """One WebSocket conversation, the server's side (RFC 6455), whole text frames only."""

    def __init__(self, plug: socket.socket) -> None:
        self.plug = plug
        self.file = plug.makefile("rb")

    def greet(self) -> None:
        key = ""
        while line := self.file.readline(4096).strip():
            name, _, value = line.decode("latin-1").partition(":")
            if name.lower() == "sec-websocket-key":
                key = value.strip()
        accept = b64(hashlib.sha1((key + GUID).encode()).digest())
        self.plug.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()
        )

    def send(self, text: str, opcode: int = 1) -> None:
        data = text.encode()
        if len(data) > 65535:
            size = struct.pack("!BQ", 127, len(data))
        else:
            size = bytes([len(data)]) if len(data) < 126 else struct.pack("!BH", 126, len(data))
        self.plug.sendall(bytes([0x80 | opcode]) + size + data)

    def receive(self) -> str | None:
        """The next text; None at the end."""
        head = self.file.read(2)
        if len(head) < 2 or head[0] & 15 == 8:
            return None
        size = head[1] & 127
        if size == 126:
            size = int.from_bytes(self.file.read(2), "big")
        mask = self.file.read(4)
        return bytes(byte ^ mask[at % 4] for at, byte in enumerate(self.file.read(size))).decode()


class Socket:
    """鱼住: pushes a card laid down to everybody (10001), answers who asks (10000)."""

    def __init__(self) -> None:
        self.card: Card | None = None
        self.picture = portrait("BMP")
        self.says: list[str] = []
        self.asked: list[str] = []
        self.lines: list[Line] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.listener.getsockname()[1]}/ws"

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                plug, _address = self.listener.accept()
                threading.Thread(target=self._converse, args=(plug,), daemon=True).start()

    def _converse(self, plug: socket.socket) -> None:
        line = Line(plug)
        with contextlib.suppress(OSError, ValueError), plug:
            line.greet()
            self.lines.append(line)
            for text in self.says:
                line.send(text)
            while (asked := line.receive()) is not None:
                self.asked.append(asked)
                if not self.says:
                    line.send(self.told(10000))

    def put(self, card: Card) -> None:
        """Laid down: pushed to whoever listens."""
        self.card = card
        for line in self.lines:
            with contextlib.suppress(OSError):
                line.send(self.told(10001))

    def told(self, command: int) -> str:
        if self.card is None:
            return json.dumps({"Ret": -1, "Cmd": command, "UserParam": ""})
        on = self.card.fields
        info = {
            "Name": on["name"], "Sex": {"1": "男", "2": "女"}[on["sex"]], "Nation": NATIONS.get(on.get("nation", "")) or on.get("nationality", ""),
            "Birthday": on["birth"], "Address": on.get("address", ""), "No": on["number"], "SignedDepartment":
            on.get("authority", ""), "ValidityPeriodBegin": on["validFrom"], "ValidityPeriodEnd": on["validTo"],
            "EnName": on.get("englishName", ""), "OtherNo": on.get("passNo", ""), "SignNum": on.get("issueCount", ""),
        }  # fmt: skip
        wrapped = {name: b64(value.encode("utf-16-le").hex().encode()) for name, value in info.items()}
        inner = json.dumps({"CardInfo": wrapped, "BmpInfo": b64(self.picture)})
        return json.dumps({"Ret": 0, "Cmd": command, "UserParam": b64(inner.encode())})

    def close(self) -> None:
        self.listener.close()
        for line in self.lines:
            with contextlib.suppress(OSError):
                line.plug.shutdown(socket.SHUT_RDWR)


class Page(Service):
    """The portal's page, or another's: static files and a body, with the content policy given."""

    cors = False

    def __init__(self, folder: Any, body: str, policy: str = "") -> None:
        self.folder, self.body, self.policy = folder, body, policy
        super().__init__()

    def answer(self, door: BaseHTTPRequestHandler) -> None:
        path = urlsplit(door.path).path
        file = self.folder / path.removeprefix("/static/")
        data, kind = (
            (file.read_bytes(), file.suffix)
            if path.startswith("/static/") and file.is_file()
            else (self.body.encode(), ".html")
        )
        door.send_response(200)
        kinds = {".js": "text/javascript", ".css": "text/css", ".html": "text/html; charset=utf-8"}
        door.send_header("Content-Type", kinds.get(kind, "application/octet-stream"))
        if self.policy:
            door.send_header("Content-Security-Policy", self.policy)
        door.send_header("Content-Length", str(len(data)))
        door.end_headers()
        door.wfile.write(data)
