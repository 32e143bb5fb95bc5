"""The form of a lease on the page of a household; the rules are those of tenancy.py."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from residents.households.tenancy import EXTENSIONS, LeaseInput

MOST_PICTURE_BYTES = 12 * 1024 * 1024
DAY = {"invalid": _("日期应为 2026-01-31 的形式。")}


class LeaseForm(forms.Form):
    """Days of a lease, or by how many months it is extended; perhaps a new contract."""

    seen = forms.DateField(required=False, error_messages={"invalid": _("这份租约刚刚被修改过,请核对后再改。")})
    start = forms.DateField(label=_("租赁开始"), required=False, error_messages=DAY)
    end = forms.DateField(label=_("租赁结束"), required=False, error_messages=DAY)
    months = forms.TypedChoiceField(
        required=False, coerce=int, empty_value=0, choices=[(n, n) for n in EXTENSIONS],
        error_messages={"invalid_choice": _("请选择续租的月数。")},
    )  # fmt: skip
    contract = forms.FileField(label=_("租赁合同照片"), required=False)
    together = forms.BooleanField(required=False)

    def clean_contract(self) -> bytes | None:
        file = self.cleaned_data.get("contract")
        if file is None:
            return None
        if file.size > MOST_PICTURE_BYTES:
            raise forms.ValidationError(_("图片超过 12 MB,请缩小后再上传。"))
        return file.read()

    def lease(self) -> LeaseInput:
        """What a valid form says."""
        given: dict[str, Any] = self.cleaned_data
        return LeaseInput(**given)
