import pytest
from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import modelform_factory

from guomi.forms import MaskedInput, MaskedInputMixin, SealedModelForm
from tests.guomi.models import Neighbour

NAMES = ["street", "name", "phone", "number", "born_on", "remark", "extra", "photo"]
CLEAR = ("张小三", "13812341234", "12010119900307123X", "1990-03-07")


@pytest.fixture
def form_class():
    return modelform_factory(Neighbour, form=SealedModelForm, fields=NAMES)


def fresh(row):
    return Neighbour.objects.get(pk=row.pk)


def test_an_edit_form_shows_masks_and_never_the_clear_value(zhang, form_class):
    zhang.born_on = "1990-03-07"
    zhang.save()
    page = form_class(instance=fresh(zhang)).as_p()
    assert not any(clear in page for clear in CLEAR)
    for mask in ("张*三", "138****1234", "120101********123X", "1990-**-**"):
        assert f'placeholder="{mask}"' in page
    assert "extra" not in page


def test_inputs_left_empty_keep_what_is_stored(zhang, form_class):
    zhang.born_on = "1990-03-07"
    zhang.save()
    form = form_class({"street": "maple", "phone": "13900000000"}, instance=fresh(zhang))
    assert form.is_valid(), form.errors
    assert form.changed_data == ["street", "phone"]
    form.save()
    row = fresh(zhang)
    assert (row.name, row.number, str(row.born_on)) == ("张小三", "12010119900307123X", "1990-03-07")
    assert (row.street, row.phone) == ("maple", "13900000000")


def test_a_dash_empties_an_optional_value_only(zhang, form_class):
    form = form_class({"street": "lotus", "phone": "-", "name": ""}, instance=fresh(zhang))
    assert form.is_valid(), form.errors
    form.save()
    assert fresh(zhang).phone == ""


def test_a_wrong_form_comes_back_with_what_was_typed_and_nothing_stored(zhang, form_class):
    form = form_class({"street": "", "phone": "13900000000"}, instance=fresh(zhang))
    page = form.as_p()
    assert "13900000000" in page
    assert not any(clear in page for clear in CLEAR)


def test_a_new_row_still_needs_its_name(trial, form_class):
    form = form_class({"street": "lotus", "name": " "})
    assert set(form.errors) == {"name"}
    assert 'placeholder="' not in form_class().as_p()


def test_two_with_one_number_are_told_apart_in_the_form(zhang, form_class):
    form = form_class({"street": "lotus", "name": "李四", "number": "12010119900307123x"})
    assert not form.is_valid()
    edit = form_class({"street": "lotus"}, instance=fresh(zhang))
    assert edit.is_valid(), edit.errors


def test_a_theme_may_dress_the_input_but_not_replace_the_mask():
    field = Neighbour._meta.get_field("name")

    class Dressed(MaskedInputMixin, AdminTextInputWidget):
        pass

    assert isinstance(field.formfield(widget=Dressed).widget, Dressed)
    assert isinstance(field.formfield(widget=forms.Textarea).widget, MaskedInput)


def test_the_picture_input_says_there_is_one_without_a_link(zhang, photo, form_class):
    zhang.photo = photo()
    zhang.save()
    page = str(form_class(instance=fresh(zhang))["photo"])
    assert "已有照片" in page
    assert "href" not in page
    assert zhang.photo.name not in page


def test_a_picture_is_taken_and_a_bad_one_refused_at_its_field(zhang, photo, form_class):
    data = {"street": "lotus"}
    good = form_class(data, {"photo": SimpleUploadedFile("a.png", photo())}, instance=fresh(zhang))
    assert good.is_valid(), good.errors
    good.save()
    assert fresh(zhang).photo.read_clear().startswith(b"\xff\xd8")
    bad = form_class(data, {"photo": SimpleUploadedFile("a.png", b"no")}, instance=fresh(zhang))
    assert "不是图片" in str(bad.errors["photo"])
    kept = form_class(data, instance=fresh(zhang))
    kept.save()
    assert fresh(zhang).photo
