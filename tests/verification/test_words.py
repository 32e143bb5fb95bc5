"""The pane's script says only words that are there, and its page offers the reasons the model knows."""

import re
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string

from faces.quality import Code
from residents.models import FaceCheck
from residents.verification.words import CARD_HINTS, HINTS, WORDS, told


def test_every_word_the_script_says_is_there_and_none_is_left_over() -> None:
    script = Path(settings.BASE_DIR, "static", "desk", "portrait.js").read_text(encoding="utf-8")
    assert set(re.findall(r'say\("([^"]+)"', script)) == set(WORDS)
    for key, values in re.findall(r'say\("([^"]+)", \{ ([^}]+) \}', script):
        holes = set(re.findall(r"\{(\w+)\}", str(WORDS[key])))
        assert holes == {value.split(":")[0].strip() for value in re.split(r",(?![^(]*\))", values)}


def test_the_page_offers_the_reasons_of_the_model() -> None:
    page = render_to_string("desk/_portrait.html")
    select = page[page.index('id="id_check_reason"') :]
    offered = re.findall(r'<option value="(\w+)">([^<]+)', select)
    assert offered == [(value, str(label)) for value, label in FaceCheck.Reason.choices]


def test_every_hint_has_words() -> None:
    assert set(HINTS) == set(Code)
    assert told(["no_face", "from_an_older_version"], card=True) == [str(CARD_HINTS["no_face"])]
