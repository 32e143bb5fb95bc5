"""Forms of the pages about rights."""

from django import forms
from django.utils.translation import gettext_lazy as _

from community.forms import PlainTextField
from residents.models import Case
from residents.rights.models import How, Kind


class CaseForm(forms.Form):
    """A request as it is taken down."""

    wish = forms.ChoiceField(label=_("请求"), choices=Case.Wish.choices)
    asker = forms.ChoiceField(label=_("申请人"), choices=Case.Asker.choices, initial=Case.Asker.SELF)
    how = forms.ChoiceField(label=_("方式"), choices=How.choices, initial=How.IN_PERSON)
    note = PlainTextField(label=_("说明"), max_length=500, required=False)


class ConsentForm(forms.Form):
    """A consent given at the counter."""

    kind = forms.ChoiceField(
        label=_("类别"), choices=[(kind.value, kind.label) for kind in (Kind.FACE, Kind.SENSITIVE)]
    )
    how = forms.ChoiceField(label=_("方式"), choices=How.choices, initial=How.IN_PERSON)
    guardian = PlainTextField(label=_("监护人姓名(未满 14 周岁)"), max_length=50, required=False)


class FindForm(forms.Form):
    """Whom a request is about."""

    wanted = PlainTextField(label=_("姓名、证件号码或电话"), max_length=100)
