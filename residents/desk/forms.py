"""The one form of the collection page. What it says goes to residents.registration; rules live there and in the models."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from community.forms import PlainTextField
from residents.desk.parts import NAMES
from residents.registration import PersonInput, ResidencyInput
from residents.rights.consenting import ConsentInput
from standard import codes

DAY = {"invalid": _("日期应为 2026-01-31 的形式。")}
SHA256 = re.compile(r"[0-9a-f]{64}")
PERSON = (
    "name", "document_type", "document_number", "phone", "sex", "birth_date", "registered_address", "document_issuer",
    "document_validity", "english_name", "ethnicity",
)  # fmt: skip
RESIDENCY = ("occupant_type", "tenant_family", "lease_start", "lease_end")


def _text(most: int, **facts: Any) -> forms.CharField:
    return forms.CharField(max_length=most, required=False, **facts)


class CollectForm(forms.Form):
    """A person, how he lives here, his pictures by their digests; of whom it is when he is registered already."""

    client_key = forms.UUIDField()
    house = forms.UUIDField(error_messages={"required": _("请先选择房屋。"), "invalid": _("没有这套房屋,请重新选择。")})
    person = forms.UUIDField(required=False)
    person_version = _text(36)
    residency_version = _text(36)
    document_type = forms.ChoiceField(
        label=_("证件类型"), choices=lambda: codes.choices("identity_document"), required=False
    )
    document_number = _text(50, label=_("证件号码"), error_messages={"max_length": _("证件号码过长。")})
    name = _text(200, label=_("姓名"))
    phone = _text(30, label=_("联系电话"))
    sex = forms.ChoiceField(label=_("性别"), choices=lambda: [("", ""), *codes.choices("sex")], required=False)
    birth_date = forms.DateField(label=_("出生日期"), required=False, error_messages=DAY)
    registered_address = _text(200, label=_("户籍地详址"))
    document_issuer = _text(100, label=_("签发机关"))
    document_validity = _text(50, label=_("证件有效期限"))
    english_name = _text(100, label=_("英文名"))
    ethnicity = forms.ChoiceField(
        label=_("民族"), choices=lambda: [("", ""), *codes.choices("ethnic_group")], required=False
    )
    occupant_type = forms.ChoiceField(
        label=_("住户类型"), choices=lambda: codes.choices("occupant_type"), required=False
    )
    tenant_family = forms.NullBooleanField(label=_("租客家属"), required=False)
    lease_start = forms.DateField(label=_("租赁开始"), required=False, error_messages=DAY)
    lease_end = forms.DateField(label=_("租赁结束"), required=False, error_messages=DAY)
    face_consent = forms.BooleanField(label=_("本人已阅读告知书并单独同意"), required=False)
    guardian = PlainTextField(label=_("监护人姓名"), max_length=50, required=False)
    pictures = forms.JSONField(required=False)

    def clean_pictures(self) -> dict[str, str]:
        """SHA-256 of each picture by its name."""
        given = self.cleaned_data.get("pictures") or {}
        known = isinstance(given, dict) and all(
            name in NAMES and isinstance(digest, str) and SHA256.fullmatch(digest) for name, digest in given.items()
        )
        if not known:
            raise forms.ValidationError(_("图片没有传完整,将自动重传。"))
        return given

    def person_input(self) -> PersonInput:
        """What it says of the person."""
        return PersonInput(**{name: self.cleaned_data[name] for name in PERSON}, existing=self.cleaned_data["person"])

    def residency_input(self) -> ResidencyInput:
        """What it says of the home."""
        return ResidencyInput(**{name: self.cleaned_data[name] for name in RESIDENCY})

    def consent(self) -> ConsentInput | None:
        """The separate consent to the portrait, if it was given."""
        given = self.cleaned_data
        return ConsentInput(guardian=given["guardian"]) if given["face_consent"] else None
