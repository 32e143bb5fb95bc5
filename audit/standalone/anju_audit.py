#!/usr/bin/env python3
"""Checks an exported audit log, and witnesses a running one. One file, Python 3.8 or newer, nothing else.

    python anju_audit.py verify BUNDLE.zip [--key HEX] [--head SIZE:ROOT]
    python anju_audit.py keygen witness.key
    python anju_audit.py witness --portal https://anju.example --token-file TOKEN --key witness.key --state seen.json --name NAME

The log is a Merkle tree as in RFC 9162 with SM3 (GB/T 32905); its heads are signed with SM2 (GB/T 32918). A bundle holds
the entries' own text, their leaves, the heads and the public key. Compare the key with the one you noted when the system
was set up: a forger would put in a key of his own.
"""

import argparse
import hashlib
import json
import os
import secrets
import sys
import time
import urllib.request
import zipfile
from functools import lru_cache

# --- SM3 -------------------------------------------------------------------------------------------------------------
START = (0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E)
MASK = 0xFFFFFFFF


def _turn(x, n):
    n %= 32
    return ((x << n) | (x >> (32 - n))) & MASK


def _compress(state, block):
    w = [int.from_bytes(block[i : i + 4], "big") for i in range(0, 64, 4)]
    for j in range(16, 68):
        x = w[j - 16] ^ w[j - 9] ^ _turn(w[j - 3], 15)
        w.append(x ^ _turn(x, 15) ^ _turn(x, 23) ^ _turn(w[j - 13], 7) ^ w[j - 6])
    a, b, c, d, e, f, g, h = state
    for j in range(64):
        t = 0x79CC4519 if j < 16 else 0x7A879D8A
        s1 = _turn((_turn(a, 12) + e + _turn(t, j)) & MASK, 7)
        s2 = s1 ^ _turn(a, 12)
        ff = a ^ b ^ c if j < 16 else (a & b) | (a & c) | (b & c)
        gg = e ^ f ^ g if j < 16 else (e & f) | (~e & g & MASK)
        t1 = (ff + d + s2 + (w[j] ^ w[j + 4])) & MASK
        t2 = (gg + h + s1 + w[j]) & MASK
        a, b, c, d, e, f, g, h = t1, a, _turn(b, 9), c, t2 ^ _turn(t2, 9) ^ _turn(t2, 17), e, _turn(f, 19), g
    return tuple(x ^ y for x, y in zip(state, (a, b, c, d, e, f, g, h), strict=False))


def plain_sm3(data):
    """SM3 in plain Python, for a Python whose OpenSSL has none."""
    padded = data + b"\x80" + b"\0" * ((55 - len(data)) % 64) + (len(data) * 8).to_bytes(8, "big")
    state = START
    for at in range(0, len(padded), 64):
        state = _compress(state, padded[at : at + 64])
    return b"".join(word.to_bytes(4, "big") for word in state)


def _fast_sm3():
    try:
        hashlib.new("sm3", b"")
    except ValueError:
        return plain_sm3
    return lambda data: hashlib.new("sm3", data).digest()


sm3 = _fast_sm3()

# --- SM2 -------------------------------------------------------------------------------------------------------------
P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)


def _double(p):
    x, y, z = p
    if not z:
        return p
    s, m = 4 * x * y * y % P, 3 * (x - z * z) * (x + z * z) % P
    x3 = (m * m - 2 * s) % P
    return x3, (m * (s - x3) - 8 * pow(y, 4, P)) % P, 2 * y * z % P


def _add(p, q):
    if not p[2] or not q[2]:
        return q if not p[2] else p
    (x1, y1, z1), (x2, y2, z2) = p, q
    u1, u2, s1, s2 = x1 * z2 * z2 % P, x2 * z1 * z1 % P, y1 * z2**3 % P, y2 * z1**3 % P
    if u1 == u2:
        return _double(p) if s1 == s2 else (1, 1, 0)
    h, r = (u2 - u1) % P, (s2 - s1) % P
    h2, h3 = h * h % P, h * h * h % P
    x3 = (r * r - h3 - 2 * u1 * h2) % P
    return x3, (r * (u1 * h2 - x3) - s1 * h3) % P, h * z1 * z2 % P


def _times(k, point):
    """k x point as (x, y), or None at infinity."""
    found, step = (1, 1, 0), (point[0], point[1], 1)
    while k:
        if k & 1:
            found = _add(found, step)
        step, k = _double(step), k >> 1
    return _affine(found)


def _affine(p):
    if not p[2]:
        return None
    inverse = pow(p[2], P - 2, P)
    return p[0] * inverse * inverse % P, p[1] * inverse**3 % P


def _digest(public, message):
    numbers = b"".join(n.to_bytes(32, "big") for n in (A, B, *G))
    return int.from_bytes(sm3(sm3(b"\x00\x801234567812345678" + numbers + public) + message), "big")


def public_of(private):
    """The 64-byte public key of a private key (a number)."""
    x, y = _times(private, G)
    return x.to_bytes(32, "big") + y.to_bytes(32, "big")


def sign(private, message):
    """64 bytes r||s."""
    e = _digest(public_of(private), message)
    while True:
        k = secrets.randbelow(N - 1) + 1
        r = (e + _times(k, G)[0]) % N
        s = pow(1 + private, N - 2, N) * (k - r * private) % N
        if r and s and r + k != N:
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")


@lru_cache(maxsize=100_000)
def signed(public, message, signature):
    """Whether the signature is the key owner's."""
    if len(public) != 64 or len(signature) != 64:
        return False
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    x, y = int.from_bytes(public[:32], "big"), int.from_bytes(public[32:], "big")
    t = (r + s) % N
    if not (0 < r < N and 0 < s < N and t and (y * y - x**3 - A * x - B) % P == 0):
        return False
    one, two = _times(s, G), _times(t, (x, y))
    if one is None or two is None:
        return False
    point = _affine(_add((*one, 1), (*two, 1)))
    return point is not None and (_digest(public, message) + point[0]) % N == r


# --- the tree --------------------------------------------------------------------------------------------------------
def leaf_of(text):
    """The leaf hash of an entry's text."""
    return sm3(b"\x00" + text.encode("utf-8"))


def node(left, right):
    """The hash of two subtrees."""
    return sm3(b"\x01" + left + right)


class Tree:
    """The right edge of a tree."""

    def __init__(self, size=0, peaks=()):
        self.size, self.peaks = size, list(peaks)

    def append(self, leaf):
        size, found = self.size, leaf
        while size & 1:
            found, size = node(self.peaks.pop(), found), size >> 1
        self.peaks.append(found)
        self.size += 1

    def root(self):
        if not self.peaks:
            return sm3(b"")
        found = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            found = node(peak, found)
        return found


def included(leaf, index, size, path, head):
    """RFC 9162, 2.1.3.2."""
    if not 0 <= index < size:
        return False
    first, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if first & 1 or first == last:
            found = node(step, found)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            found = node(found, step)
        first, last = first >> 1, last >> 1
    return last == 0 and found == head


def extends(old, old_head, size, head, path):
    """RFC 9162, 2.1.4.2: the tree of `size` begins with that of `old`."""
    if not 0 < old <= size:
        return False
    if old == size:
        return not path and old_head == head
    steps = ([old_head] if old & (old - 1) == 0 else []) + list(path)
    if not steps:
        return False
    first, last = old - 1, size - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            before, after = node(step, before), node(step, after)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            after = node(after, step)
        first, last = first >> 1, last >> 1
    return last == 0 and before == old_head and after == head


def head_text(head):
    """What is signed of a head."""
    told = "anju-audit-head\n{size}\n{root}\n{made_at}".format(**head)
    return (told if head.get("previous") is None else f"{told}\n{head['previous']}").encode()


# --- a bundle --------------------------------------------------------------------------------------------------------
class Wrong(Exception):
    """The first thing that is wrong: its place in the log, the number of the entry if it is known, what."""

    def __init__(self, position, entry, problem):
        super().__init__(problem)
        self.position, self.entry, self.problem = position, entry, problem


class Bundle:
    """A zip or an open folder of a bundle, read line by line."""

    MOST = 4_000_000_000

    def __init__(self, path):
        self.zip = zipfile.ZipFile(path)
        if sum(one.file_size for one in self.zip.infolist()) > self.MOST:
            raise Wrong(0, None, "文件过大")
        self.manifest = json.loads(self.zip.read("manifest.json"))

    def lines(self, name):
        if name not in self.zip.namelist():
            return
        with self.zip.open(name) as file:
            for line in file:
                if line.strip():
                    yield json.loads(line)


def _check_head(head, keys):
    text, signature = head_text(head), bytes.fromhex(head["signature"])
    if not any(signed(key, text, signature) for key in keys):
        raise Wrong(head["size"] - 1, None, "封存点的签名不是这把公钥的")


class Walk:
    """Grows the tree from the bundle's entries."""

    def __init__(self, bundle, keys):
        manifest = bundle.manifest
        self.keys, self.bundle = keys, bundle
        self.tree = Tree(manifest["first"], [bytes.fromhex(one) for one in manifest["left_peaks"]])
        self.heads = sorted(bundle.lines("heads.jsonl"), key=lambda head: head["size"])
        self.graves = [tuple(one) for one in manifest["tombstones"]]
        self.announced = set()
        self.start, self.at, self.before, self.entries, self.passed = manifest["first"], 0, manifest["before"], 0, 0

    def entry(self, line):
        index, entry = line["index"], line.get("entry_id")
        if line.get("foreign"):
            raise Wrong(self.tree.size, entry, "有一条记录不在封存树中,不是本系统写入的")
        if index != self.tree.size:
            raise Wrong(self.tree.size, entry, "此条之前有记录被从封存树中取走")
        leaf = bytes.fromhex(line["leaf"])
        if line.get("text") is None:
            if not any(first <= index <= last for first, last, _entry in self.graves):
                raise Wrong(index, entry, "记录已被删除")
        else:
            self._says(line, leaf)
        self.entries += 1
        self._grow(leaf)

    def _says(self, line, leaf):
        if leaf_of(line["text"]) != leaf:
            raise Wrong(line["index"], line.get("entry_id"), "记录与封存时不一致")
        told = json.loads(line["text"])
        self._announce(told)

    def _announce(self, told):
        if told["action"] == "purge_log":
            self.announced.add((told["detail"].get("first"), told["detail"].get("last"), told["id"]))

    def _grow(self, leaf):
        self.tree.append(leaf)
        if self.at < len(self.heads) and self.heads[self.at]["size"] == self.tree.size:
            self._head(self.heads[self.at])
            self.at += 1

    def _head(self, head):
        if head["root"] != self.tree.root().hex():
            raise Wrong(self.start, None, "封存点与此前的记录不符")
        _check_head(head, self.keys)
        if head.get("previous") is not None and head["previous"] != self.before:
            raise Wrong(head["size"] - 1, None, "前一个封存点被取走")
        self.before, self.start, self.passed = head["size"], head["size"], self.passed + 1

    def end(self):
        for line in self.bundle.lines("tail.jsonl"):
            self._grow(bytes.fromhex(line))
        if self.at < len(self.heads):
            raise Wrong(self.tree.size, None, "日志末尾的记录已被删除")
        if not self.heads or self.start != self.tree.size:
            raise Wrong(self.start, None, "末尾的记录没有签名的封存点")
        for line in self.bundle.lines("announcements.jsonl"):
            path = [bytes.fromhex(one) for one in line["path"]]
            newest = self.bundle.manifest["newest"]
            if not included(leaf_of(line["text"]), line["index"], newest["size"], path, bytes.fromhex(newest["root"])):
                raise Wrong(line["index"], None, "到期清理的记录不在封存树中")
            self._announce(json.loads(line["text"]))
        if missing := sorted(set(self.graves) - self.announced):
            raise Wrong(missing[0][0], None, "有记录被删除,但日志中没有相应的到期清理")


def verify(path, key="", head=""):
    """Check a bundle: {ok, entries, heads, position, entry, problem, key, newest}. `head` is SIZE:ROOT known from elsewhere."""
    facts = {
        "ok": False,
        "entries": 0,
        "heads": 0,
        "position": None,
        "entry": None,
        "problem": "",
        "key": "",
        "newest": None,
    }
    try:
        bundle = Bundle(path)
        manifest = bundle.manifest
        keys = [bytes.fromhex(one) for one in manifest["keys"]]
        facts["key"], facts["newest"] = manifest["keys"][-1], manifest["newest"]
        if key and bytes.fromhex(key.lower()[-128:]) not in keys:
            raise Wrong(0, None, "公钥与所给的不同:这不是那个系统的日志")
        if not signed(
            keys[-1], bundle.zip.read("manifest.json"), bytes.fromhex(bundle.zip.read("manifest.sig").decode())
        ):
            raise Wrong(0, None, "清单的签名不对")
        _whole(bundle)
        walk = Walk(bundle, keys)
        for line in bundle.lines("entries.jsonl"):
            walk.entry(line)
        if manifest["kind"] == "selection":
            _selection(bundle, keys, facts)
        else:
            walk.end()
            _onward(bundle, walk, keys)
            facts["entries"], facts["heads"] = walk.entries, walk.passed
        _known(bundle, head)
        facts["ok"] = True
    except Wrong as wrong:
        facts.update(position=wrong.position, entry=wrong.entry, problem=wrong.problem)
    except (KeyError, ValueError, TypeError, OSError, zipfile.BadZipFile) as error:
        facts["problem"] = f"文件不完整或不是审计包:{type(error).__name__}"
    return facts


def _whole(bundle):
    """Every file is the one the signed manifest names."""
    for name, digest in bundle.manifest["files"].items():
        if name not in bundle.zip.namelist() or sm3(bundle.zip.read(name)).hex() != digest:
            raise Wrong(0, None, f"{name} 与清单不符")


def _onward(bundle, walk, keys):
    """The newest head goes on from the last one of the bundle."""
    newest, last = bundle.manifest["newest"], walk.heads[-1]
    _check_head(newest, keys)
    path = [bytes.fromhex(one) for one in bundle.manifest["consistency"]]
    if not extends(last["size"], bytes.fromhex(last["root"]), newest["size"], bytes.fromhex(newest["root"]), path):
        raise Wrong(last["size"], None, "最新封存点不是从这些记录延续下来的")


def _selection(bundle, keys, facts):
    """Single entries, each with its proof."""
    newest = bundle.manifest["newest"]
    _check_head(newest, keys)
    for line in bundle.lines("proofs.jsonl"):
        path = [bytes.fromhex(one) for one in line["path"]]
        if not included(leaf_of(line["text"]), line["index"], newest["size"], path, bytes.fromhex(newest["root"])):
            raise Wrong(line["index"], json.loads(line["text"]).get("id"), "记录与封存时不一致")
        facts["entries"] += 1
    facts["heads"] = 1


def _known(bundle, head):
    """A head the reader knows from elsewhere (a witness, an earlier bundle) is part of this log."""
    if not head:
        return
    size, _, root = head.partition(":")
    newest = bundle.manifest["newest"]
    if int(size) > newest["size"]:
        raise Wrong(newest["size"], None, "日志比已知的短:末尾被删除,或是旧的备份")
    heads = {one["size"]: one["root"] for one in [*bundle.lines("heads.jsonl"), newest]}
    if int(size) in heads and heads[int(size)] != root:
        raise Wrong(int(size) - 1, None, "日志与已知的封存点不符")


# --- a witness -------------------------------------------------------------------------------------------------------
def _call(address, token, body=None):
    if not address.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise SystemExit("门户地址应为 https://")
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(  # noqa: S310 -- https, or this machine: seen to above
        address, data=data, headers={"Authorization": "Token " + token, "Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return json.loads(answer.read(10_000_000))


def _seen(state):
    """What was seen last, or None."""
    if not os.path.exists(state):
        return None
    with open(state, encoding="ascii") as file:
        return json.load(file)


def look(portal, token, private, state, name, now=None):
    """One look: the newest head must go on from the one seen last; it is signed, told to the portal and remembered."""
    seen = _seen(state)
    told = _call(f"{portal.rstrip('/')}/audit/heads/?since={seen['size'] if seen else 0}", token)
    head, keys = told["head"], [bytes.fromhex(one) for one in told["keys"]]
    if seen and not set(seen["keys"]) & set(told["keys"]):
        raise Wrong(0, None, "系统的公钥换了,与上次所见不同")
    _check_head(head, keys)
    root = bytes.fromhex(head["root"])
    if seen:
        path = [bytes.fromhex(one) for one in told["consistency"]]
        if head["size"] < seen["size"]:
            raise Wrong(head["size"], None, "日志比上次见到的短:末尾被删除,或换成了旧的备份")
        if not extends(seen["size"], bytes.fromhex(seen["root"]), head["size"], root, path):
            raise Wrong(seen["size"], None, "日志不是从上次见到的延续下来的:此前的记录被改动过")
    seen_at = int(now or time.time())
    text = f"anju-audit-witness\n{name}\n{head['size']}\n{head['root']}\n{seen_at}"
    mark = {"witness": name, "size": head["size"], "root": head["root"], "seen_at": seen_at}
    mark["signature"] = sign(private, text.encode()).hex()
    draft = state + ".draft"
    with open(draft, "w", encoding="ascii") as file:
        json.dump({"size": head["size"], "root": head["root"], "keys": told["keys"]}, file)
    os.replace(draft, state)
    _call("{}/audit/heads/".format(portal.rstrip("/")), token, mark)
    return mark


def _keygen(path):
    private = secrets.randbelow(N - 2) + 1
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"{private:064x}\n")
    print("公钥(交给门户的系统管理员登记):04" + public_of(private).hex())


def main(arguments=None):
    """The command line; 0 when all is well, 1 when something was altered."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    deeds = parser.add_subparsers(dest="deed", required=True)
    check = deeds.add_parser("verify")
    check.add_argument("bundle")
    check.add_argument("--key", default="")
    check.add_argument("--head", default="")
    check.add_argument("--json", action="store_true")
    deeds.add_parser("keygen").add_argument("file")
    witness = deeds.add_parser("witness")
    for option in ("--portal", "--token-file", "--key", "--state", "--name"):
        witness.add_argument(option, required=True)
    witness.add_argument("--every", type=int, default=0, metavar="SECONDS", help="0: look once")
    given = parser.parse_args(arguments)
    if given.deed == "keygen":
        _keygen(given.file)
        return 0
    if given.deed == "verify":
        return _tell(verify(given.bundle, given.key, given.head), given.json)
    with open(given.key, encoding="ascii") as file:
        private = int(file.read().strip(), 16)
    with open(given.token_file, encoding="ascii") as file:
        token = file.read().strip()
    return _watch(given, token, private)


def _watch(given, token, private):
    while True:
        try:
            mark = look(given.portal, token, private, given.state, given.name)
            print("已见证:{size} 条,{root}".format(**mark), flush=True)
        except Wrong as wrong:
            print(f"警报:第 {wrong.position} 条附近,{wrong.problem}", flush=True)
            return 1
        except OSError as error:
            print(f"未能连接:{error}", flush=True)
            if not given.every:
                return 2
        if not given.every:
            return 0
        time.sleep(given.every)


def _tell(facts, as_json):
    if as_json:
        print(json.dumps(facts, ensure_ascii=False))
    elif facts["ok"]:
        print("完好:{entries} 条记录、{heads} 个封存点,没有被改动过。\n公钥:{key}".format(**facts))
    else:
        print("有问题:第 {position} 条(编号 {entry}),{problem}".format(**facts))
    return 0 if facts["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
