"""Frames and texts, whatever the pieces, the noise and the names."""

import ast
import os
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from residents.readers.standalone import anju_reader
from tests.readers import bridging, cards
from tests.readers.emulator import reply

# Printed in the protocol's description.
COMMANDS = {
    "AA AA AA 96 69 00 03 10 FF EC": anju_reader.RESET, "AA AA AA 96 69 00 03 11 FF ED": anju_reader.STATE,
    "AA AA AA 96 69 00 03 12 FF EE": anju_reader.SAM_ID, "AA AA AA 96 69 00 03 20 01 22": anju_reader.FIND,
    "AA AA AA 96 69 00 03 20 02 21": anju_reader.SELECT, "AA AA AA 96 69 00 03 30 01 32": anju_reader.READ,
    "AA AA AA 96 69 00 03 30 03 30": anju_reader.NEWEST_ADDRESS,
}  # fmt: skip


@pytest.mark.parametrize(("printed", "command"), COMMANDS.items())
def test_commands_are_the_printed_ones(printed: str, command: bytes) -> None:
    assert anju_reader.frame(command) == bytes.fromhex(printed)


def test_a_whole_read_reply_has_1295_bytes() -> None:
    assert len(reply(0x90, bytes(4 + 256 + 1024))) == 1295


def test_layouts_have_256_bytes_and_their_letter_at_248() -> None:
    for _kind, layout in anju_reader.LAYOUTS.values():
        names = [name for name, _size in layout]
        assert sum(size for _name, size in layout) == 256
        assert sum(size for _name, size in layout[: names.index("type")]) == 248


@pytest.mark.parametrize("card", cards.ALL, ids=lambda card: card.fields["number"])
def test_a_card_reads_as_it_was_laid_out(card: cards.Card) -> None:
    read = anju_reader.parse(card.text)
    assert read.pop("cardType") == cards.KINDS[card.letter]
    expected = {name: value for name, value in card.fields.items() if name != "version"}
    assert {name: value for name, value in read.items() if value} == expected


def printable(most: int) -> st.SearchStrategy[str]:
    """Any text that fits `most` UTF-16 units, rare characters and other planes among them, no blank at its ends."""
    letters = st.characters(exclude_categories=("Cc", "Cs"))
    return st.text(letters, max_size=most).filter(
        lambda text: text == text.strip(" \u3000") and len(text.encode("utf-16-le")) <= 2 * most
    )


@st.composite
def laid_cards(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    letter = draw(st.sampled_from(" JIY"))
    fields = {}
    for name, (start, end) in cards.PLACES[letter].items():
        if name not in ("version", "englishRest"):
            fields[name] = draw(printable((end - start) // 2))
    return letter, fields


def pieces(data: bytes, seed: int) -> list[bytes]:
    cut = random.Random(seed)
    ends = sorted(cut.randrange(len(data) + 1) for _ in range(cut.randrange(40)))
    return [data[a:b] for a, b in zip([0, *ends], [*ends, len(data)], strict=True)]


@settings(max_examples=300, deadline=None)
@given(laid_cards(), st.binary(max_size=60), st.integers(0, 2**32))
def test_any_card_survives_layout_frame_noise_and_pieces(laid, noise: bytes, seed: int) -> None:
    letter, fields = laid
    whole = reply(0x90, bytes([1, 0, 4, 0]) + cards.text(letter, **fields) + bytes(1024))
    frames, found = anju_reader.Frames(), []
    for piece in pieces(noise.replace(b"\xaa", b"\xab") + whole + reply(0x91), seed):
        found += frames.feed(piece)
    assert [status for status, _data in found] == [0x90, 0x91]
    text, photo = anju_reader.split(found[0][1])
    read = anju_reader.parse(text)
    assert {name: read[name] for name in fields} == fields
    assert len(photo) == 1024


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=4000), st.integers(0, 2**32))
def test_no_noise_breaks_the_search_or_makes_it_grow(noise: bytes, seed: int) -> None:
    frames = anju_reader.Frames()
    for piece in pieces(noise, seed):
        frames.feed(piece)
        frames.idle()
    assert len(frames.buffer) <= anju_reader.LONGEST + len(anju_reader.PREAMBLE) + 2


def test_a_reply_behind_a_false_beginning_is_found_when_the_line_falls_silent() -> None:
    frames = anju_reader.Frames()
    assert frames.feed(b"\xaa\xaa\xaa\x96\x69\x05\x08\x00" + reply(0x9F, bytes(4))) == []
    assert frames.idle() == [(0x9F, bytes(4))]


def test_a_damaged_reply_is_passed_over_and_the_next_one_found() -> None:
    damaged = bytearray(reply(0x90, bytes(20)))
    damaged[12] ^= 1
    frames = anju_reader.Frames()
    assert frames.feed(bytes(damaged) + reply(0x80)) == [(0x80, b"")]
    assert frames.damaged == 1


@settings(max_examples=200, deadline=None)
@given(st.binary(min_size=256, max_size=256))
def test_any_256_bytes_are_a_card_or_a_clear_no(text: bytes) -> None:
    if text[248:250] in (b" \0", b"\0\0", b"J\0", b"I\0", b"Y\0"):
        assert all(sign >= " " for value in anju_reader.parse(text).values() for sign in value)
    else:
        with pytest.raises(anju_reader.Problem, match="card-kind"):
            anju_reader.parse(text)


@pytest.mark.parametrize("letter", " JIY")
def test_noise_in_a_known_layout_is_text_without_control_signs(letter: str) -> None:
    for seed in range(50):
        noise = bytearray(random.Random(seed).randbytes(256))
        noise[248:250] = letter.encode("utf-16-le")
        assert all(sign >= " " for value in anju_reader.parse(bytes(noise)).values() for sign in value)


def test_every_status_has_words_and_something_to_do() -> None:
    printed = "90 9F 10 11 21 23 24 31 32 33 40 41 47 60 66 80 81 91"
    assert set(anju_reader.STATUS) == {int(code, 16) for code in printed.split()}
    for status, (code, what, deed) in anju_reader.STATUS.items():
        assert what
        assert deed or code in ("ok", "no-item"), hex(status)


def test_the_program_is_python_3_8_and_needs_pyserial_alone() -> None:
    tree = ast.parse(bridging.PROGRAM.read_text(encoding="utf-8"), feature_version=(3, 8))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names])
    }
    assert "django" not in imported
    assert {name for name in imported if name not in __import__("sys").stdlib_module_names} == {"serial"}


def test_a_pairing_code_others_can_read_is_refused(tmp_path) -> None:
    file = tmp_path / "deep" / "token"
    token, new = anju_reader.load_token(str(file))
    assert new
    assert os.stat(file).st_mode & 0o777 == 0o600
    assert anju_reader.load_token(str(file)) == (token, False)
    file.chmod(0o644)
    with pytest.raises(SystemExit):
        anju_reader.load_token(str(file))
    other, new = anju_reader.load_token(str(file), renew=True)
    assert new
    assert other != token
    file.write_text("short")
    with pytest.raises(SystemExit):
        anju_reader.load_token(str(file))
