"""Forms of the pages about rights."""

from django import forms
from django.utils.translation import gettext_lazy as _

from community.validators import half_width, validate_plain_text
from residents.models import Case
from residents.rights.models import How, Kind


class PlainForm(forms.Form):
    """Text is made half-width and refused where it holds control characters or emoji."""

    def _plain(self, name: str) -> str:
        text = half_width(self.cleaned_data[name])
        validate_plain_text(text)
        return text


class CaseForm(PlainForm):
    """A request as it is taken down."""

    wish = forms.ChoiceField(label=_("请求"), choices=Case.Wish.choices)
    asker = forms.ChoiceField(label=_("申请人"), choices=Case.Asker.choices, initial=Case.Asker.SELF)
    how = forms.ChoiceField(label=_("方式"), choices=How.choices, initial=How.IN_PERSON)
    note = forms.CharField(label=_("说明"), max_length=500, required=False)

    def clean_note(self) -> str:
        return self._plain("note")


class ConsentForm(PlainForm):
    """A consent given at the counter."""

    kind = forms.ChoiceField(
        label=_("类别"), choices=[(kind.value, kind.label) for kind in (Kind.FACE, Kind.SENSITIVE)]
    )
    how = forms.ChoiceField(label=_("方式"), choices=How.choices, initial=How.IN_PERSON)
    guardian = forms.CharField(label=_("监护人姓名(未满 14 周岁)"), max_length=50, required=False)

    def clean_guardian(self) -> str:
        return self._plain("guardian")


class FindForm(PlainForm):
    """Whom a request is about."""

    wanted = forms.CharField(label=_("姓名、证件号码或电话"), max_length=100)
