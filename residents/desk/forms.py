"""The one form of the collection page. What it says goes to residents.registration; rules live there and in the models."""

from django import forms
from django.utils.translation import gettext_lazy as _

from community.forms import PlainTextField
from standard import codes

MOST_PICTURE_BYTES = 12 * 1024 * 1024


class CollectForm(forms.Form):
    """A person, how he lives here, his picture."""

    client_key = forms.UUIDField(widget=forms.HiddenInput)
    house = forms.UUIDField(error_messages={"required": _("请先选择房屋。"), "invalid": _("没有这套房屋,请重新选择。")})
    existing = forms.UUIDField(required=False)
    document_type = forms.ChoiceField(
        label=_("证件类型"), choices=lambda: codes.choices("identity_document"), initial="111"
    )
    document_number = forms.CharField(
        label=_("证件号码"), max_length=50, required=False, error_messages={"max_length": _("证件号码过长。")}
    )
    name = forms.CharField(label=_("姓名"), max_length=200, required=False)
    phone = forms.CharField(label=_("联系电话"), max_length=30, required=False)
    occupant_type = forms.ChoiceField(label=_("住户类型"), choices=lambda: codes.choices("occupant_type"), initial="2")
    tenant_family = forms.BooleanField(label=_("租客家属"), required=False)
    lease_start = forms.DateField(
        label=_("租赁开始"), required=False, error_messages={"invalid": _("日期应为 2026-01-31 的形式。")}
    )
    lease_end = forms.DateField(
        label=_("租赁结束"), required=False, error_messages={"invalid": _("日期应为 2026-01-31 的形式。")}
    )
    lease_contract = forms.FileField(label=_("租赁合同照片"), required=False)
    photo = forms.FileField(label=_("人像照片"), required=False)
    face_consent = forms.BooleanField(label=_("本人已阅读告知书并单独同意"), required=False)
    guardian = PlainTextField(label=_("监护人姓名"), max_length=50, required=False)

    def _bounded(self, name: str) -> bytes | None:
        file = self.cleaned_data.get(name)
        if file is None:
            return None
        if file.size > MOST_PICTURE_BYTES:
            raise forms.ValidationError(_("图片超过 12 MB,请缩小后再上传。"))
        return file.read()

    def clean_photo(self) -> bytes | None:
        return self._bounded("photo")

    def clean_lease_contract(self) -> bytes | None:
        return self._bounded("lease_contract")
