"""Forms over encrypted fields: the page carries only the mask; an input left empty keeps the stored value."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models import Model
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from guomi import keyring, masking

ERASE = ("-", "－", "—")


class MaskedInputMixin:
    """For any text input: never renders a stored value. Mix it before a theme's own widget class."""

    masked = True


class MaskedInput(MaskedInputMixin, forms.TextInput):
    """The plain text input."""


def sealed_attributes(row: Model, name: str) -> dict[str, Any]:
    """HTML attributes that name a stored value: model, row and field, never the value."""
    told = _("查看 %(field)s 的明文") % {"field": row._meta.get_field(name).verbose_name}
    return {"data-sealed": f"{row._meta.label_lower}:{row.pk}:{name}", "data-sealed-label": told}


class MaskedBoundField(BoundField):
    """Knows the stored value: shows its mask, takes its place when the input is left empty."""

    @property
    def typed(self) -> Any:
        return super().data

    @property
    def data(self) -> Any:
        typed = self.typed
        bare = typed.strip() if isinstance(typed, str) else typed
        if bare in ERASE and not self.field.required:
            return ""
        shown = masking.mask(self.field.mask, self.initial) if self.initial not in (None, "") else None
        return self.initial if bare in (None, "", shown) else typed

    def _eye(self) -> dict[str, Any]:
        """Names the value for a reveal, where the form says that its reader may ask for one."""
        row = getattr(self.form, "instance", None)
        if not getattr(self.form, "offers_reveal", False) or row is None or row.pk is None:
            return {}
        if row._meta.get_field(self.name).purpose in keyring.CREDENTIALS:
            return {}
        return sealed_attributes(row, self.name)

    def value(self) -> Any:
        """What to render: what was typed, never what is stored."""
        return self.typed if self.form.is_bound else None

    def build_widget_attrs(self, attrs: dict, widget: forms.Widget | None = None) -> dict:
        attrs = super().build_widget_attrs(attrs, widget)
        if self.initial not in (None, ""):
            attrs["placeholder"] = masking.mask(self.field.mask, self.initial)
            attrs["autocomplete"] = "off"
            attrs["title"] = _("留空则保留原值") if self.field.required else _("留空则保留原值，填“-”则清空")
            attrs.pop("required", None)
            attrs.update(self._eye())
        return attrs


class _Masked:
    """What the masked form fields have in common."""

    def __init__(self, *args: Any, mask: str = "text", **kwargs: Any) -> None:
        self.mask = mask
        kwargs.setdefault("widget", MaskedInput)
        super().__init__(*args, **kwargs)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.to_python(initial), data)

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> MaskedBoundField:
        return MaskedBoundField(form, self, field_name)


class EncryptedTextFormField(_Masked, forms.CharField):
    """Text over an EncryptedTextField."""


class EncryptedDateFormField(_Masked, forms.DateField):
    """A day over an EncryptedDateField."""


def masked_widget(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Keyword arguments for formfield(), without a widget that would render the stored value."""
    widget = kwargs.get("widget")
    if widget is None or getattr(widget, "masked", False):
        return kwargs
    return {key: value for key, value in kwargs.items() if key != "widget"}


class SealedModelForm(forms.ModelForm):
    """A model form that also checks uniqueness over blind indexes whose source is on the form.

    An index is no form field, and a plain ModelForm leaves out every constraint over what it does not show: the
    database would refuse the duplicate with an error page instead of a message.
    """

    def _get_validation_exclusions(self) -> set[str]:
        excluded = super()._get_validation_exclusions()
        shown = {field.name for field in self.instance._meta.fields} - excluded
        return {name for name in excluded if getattr(self.instance._meta.get_field(name), "of", None) not in shown}


# Registered from above: where a stored picture is shown (row, field name), "" if nowhere.
picture_address: list[Callable[[Model, str], str]] = []


class PictureInput(forms.ClearableFileInput):
    """A file input that says there is a picture; the link to it leads to a checked, audited page, if there is one."""

    template_name = "guomi/picture_input.html"
    initial_text = _("已有照片")
    input_text = _("更换")
    clear_checkbox_label = _("删除")

    def __init__(self, attrs: dict | None = None) -> None:
        super().__init__({"accept": "image/jpeg,image/png,image/webp,image/bmp", **(attrs or {})})

    def is_initial(self, value: Any) -> bool:
        return bool(value)

    def get_context(self, name: str, value: Any, attrs: dict | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        row = getattr(value, "instance", None)
        if value and row is not None and not row._state.adding and picture_address:
            context["widget"]["address"] = picture_address[0](row, value.field.name)
        return context
