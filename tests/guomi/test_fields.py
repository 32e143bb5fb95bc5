import copy
import datetime
import pickle
import uuid

import pytest
from django.core import serializers
from django.core.exceptions import FieldError, ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.forms import model_to_dict

from guomi import keyring
from guomi.fields import DecryptionError, EncryptedFieldError, EncryptedTextField, Sealed
from tests.guomi.models import Neighbour

TABLE = Neighbour._meta.db_table


def stored(row, column, table=TABLE):
    """What the database itself holds."""
    with connection.cursor() as cursor:
        key = row.pk if connection.features.has_native_uuid_field else row.pk.hex
        cursor.execute(f"SELECT {column} FROM {table} WHERE id = %s", [key])
        return cursor.fetchone()[0]


def overwrite(row, column, value):
    with connection.cursor() as cursor:
        key = row.pk if connection.features.has_native_uuid_field else row.pk.hex
        cursor.execute(f"UPDATE {TABLE} SET {column} = %s WHERE id = %s", [value, key])


def fresh(row):
    return Neighbour.objects.get(pk=row.pk)


def test_zhang_reads_back_as_he_was_written(trial):
    born = datetime.date(1990, 3, 7)
    made = Neighbour.objects.create(name="张小三", born_on=born, extra={"多": ["值", 1]}, remark=None)
    row = fresh(made)
    assert (row.name, row.born_on, row.extra, row.remark, row.phone) == ("张小三", born, {"多": ["值", 1]}, None, "")


def test_the_table_holds_no_clear_value_of_zhang(zhang):
    for column in ("name", "phone", "number", "extra", "name_index", "number_index"):
        held = stored(zhang, column)
        assert held
        # Long enough that no random base64 holds one by chance.
        assert not any(clear in held for clear in ("张", "13812341234", "9900307", '"a"'))


def test_missing_stays_missing_and_can_be_asked_for(zhang):
    li = Neighbour.objects.create(name="李四")
    assert stored(li, "phone") == ""
    assert stored(li, "remark") is None
    assert list(Neighbour.objects.filter(phone="")) == [li]
    assert set(Neighbour.objects.filter(remark__isnull=True)) == {li, zhang}


def test_an_unchanged_value_keeps_its_ciphertext(zhang):
    before = stored(zhang, "name"), stored(zhang, "extra"), stored(zhang, "phone")
    row = fresh(zhang)
    row.name, row.extra, row.phone = "张小三", {"a": [1]}, "13800000000"
    row.save()
    after = stored(zhang, "name"), stored(zhang, "extra"), stored(zhang, "phone")
    assert after[:2] == before[:2]
    assert after[2] != before[2]
    assert fresh(zhang).phone == "13800000000"


def test_a_change_inside_a_json_value_is_saved(zhang):
    row = fresh(zhang)
    row.extra["a"].append(2)
    row.save()
    assert fresh(zhang).extra == {"a": [1, 2]}


@pytest.mark.parametrize(("to_column", "from_column"), [("name", "name"), ("phone", "name")])
def test_a_ciphertext_moved_to_another_row_or_column_is_named_at_reading(zhang, to_column, from_column):
    li = Neighbour.objects.create(name="李四", phone="13900000000")
    overwrite(zhang, to_column, stored(li, from_column))
    with pytest.raises(DecryptionError) as caught:
        getattr(fresh(zhang), to_column)
    assert str(zhang.pk) in str(caught.value)
    assert f"字段 {to_column}" in str(caught.value)
    assert "guomi_trial.Neighbour" in str(caught.value)
    assert "李" not in str(caught.value)


def test_two_columns_of_one_row_swapped_are_detected(zhang):
    overwrite(zhang, "phone", stored(zhang, "name"))
    with pytest.raises(DecryptionError):
        _ = fresh(zhang).phone


@pytest.mark.parametrize("rubbish", ["张小三", "AQ==", "=", "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMk"])
def test_what_is_no_ciphertext_is_never_shown(zhang, rubbish):
    overwrite(zhang, "name", rubbish)
    with pytest.raises(DecryptionError):
        _ = fresh(zhang).name


def test_a_damaged_value_can_be_replaced(zhang):
    overwrite(zhang, "name", "AQ==")
    row = fresh(zhang)
    row.name = "张小四"
    row.save()
    assert fresh(zhang).name == "张小四"


def test_saving_a_row_refuses_to_carry_a_moved_ciphertext_on(zhang):
    li = Neighbour.objects.create(name="李四")
    overwrite(zhang, "name", stored(li, "name"))
    with pytest.raises(DecryptionError):
        fresh(zhang).save()


def test_filtering_names_the_index_to_use(zhang):
    for lookup in ("name", "name__contains", "name__in", "name__startswith", "name__gt"):
        with pytest.raises(FieldError, match="name_index__matches"):
            list(Neighbour.objects.filter(**{lookup: ["张小三"]}))
    with pytest.raises(FieldError, match="没有盲索引"):
        list(Neighbour.objects.filter(phone="13812341234"))


def test_zhang_is_found_by_any_spelling_of_his_number(zhang):
    Neighbour.objects.create(name="李四")
    for spelling in ("12010119900307123X", "12010119900307123x", " １２０１０１ 19900307 123Ｘ"):
        assert Neighbour.objects.get(number_index__matches=spelling) == zhang
    assert Neighbour.objects.get(name_index__matches_any=["王五", "张 小三"]) == zhang
    assert not Neighbour.objects.filter(number_index__matches="").exists()
    assert not Neighbour.objects.filter(number_index__matches_any=[]).exists()


def test_two_with_one_number_are_refused_and_many_without_are_not(zhang):
    Neighbour.objects.create(name="甲")
    Neighbour.objects.create(name="乙")
    with pytest.raises(IntegrityError), transaction.atomic():
        Neighbour.objects.create(name="丙", number="12010119900307123x")
    with pytest.raises(ValidationError):
        Neighbour(name="丙", number="12010119900307123x").full_clean()


def test_the_index_follows_when_only_its_source_is_saved(zhang):
    row = fresh(zhang)
    row.name = "王五"
    row.save(update_fields=["name"])
    assert Neighbour.objects.get(name_index__matches="王五") == zhang
    assert not Neighbour.objects.filter(name_index__matches="张小三").exists()


def test_update_of_an_encrypted_field_is_refused(zhang):
    for values in ({"name": "王五"}, {"name": models.Value("王五")}, {"photo": ""}, {"phone": models.F("name")}):
        with pytest.raises(EncryptedFieldError):
            Neighbour.objects.update(**values)
    with pytest.raises(EncryptedFieldError), transaction.atomic():
        models.QuerySet(Neighbour).update(name="王五")
    assert Neighbour.objects.update(street="maple") == 1
    assert fresh(zhang).name == "张小三"


def test_bulk_create_and_bulk_update_seal_each_row(trial):
    rows = Neighbour.objects.bulk_create([Neighbour(name=f"邻居{n}", number=f"A{n:05}") for n in range(30)])
    assert len({stored(row, "name") for row in rows}) == 30
    for row in rows:
        row.name, row.number = row.name + "改", ""
    assert Neighbour.objects.filter(street="lotus").bulk_update(rows, ["name", "number", "street"], batch_size=7) == 30
    assert {row.name for row in Neighbour.objects.all()} == {f"邻居{n}改" for n in range(30)}
    assert Neighbour.objects.get(name_index__matches="邻居7改").pk == rows[7].pk
    assert rows[7].name == "邻居7改"
    assert Neighbour.objects.filter(number_index=None).count() == 30
    with pytest.raises(EncryptedFieldError), transaction.atomic():
        models.QuerySet(Neighbour).bulk_update(rows, ["name"])


def test_values_give_nothing_readable(zhang):
    value = Neighbour.objects.values_list("name", flat=True).get()
    assert isinstance(value, Sealed)
    assert repr(value) == "<Sealed>"
    for show in (str, "{}".format, "%s".__mod__):
        with pytest.raises(EncryptedFieldError):
            show(value)
    assert value.open("guomi_trial.Neighbour", "name", zhang.pk) == "张小三"
    with pytest.raises(DecryptionError):
        value.open("guomi_trial.Neighbour", "name", uuid.uuid4())


def test_deferred_values_are_fetched_and_opened(zhang):
    assert Neighbour.objects.only("street").get().name == "张小三"
    row = Neighbour.objects.defer("phone").get()
    row.save()
    assert fresh(row).phone == "13812341234"
    row.name = "王五"
    row.refresh_from_db()
    assert row.name == "张小三"


def test_copies_and_pickles_hold_ciphertext_only(zhang, trial_app):
    row = fresh(zhang)
    assert row.name == "张小三"
    packed = pickle.dumps(row)
    assert "张小三".encode() not in packed
    assert pickle.loads(packed).name == copy.copy(row).name == copy.deepcopy(row).name == "张小三"


def test_a_row_copied_under_a_new_key_is_sealed_for_it(zhang):
    row = fresh(zhang)
    assert (row.name, row.phone, row.number, row.extra) == ("张小三", "13812341234", "12010119900307123X", {"a": [1]})
    row.pk, row._state.adding, row.number = uuid.uuid4(), True, ""
    row.save()
    assert [fresh(row).name, fresh(zhang).name] == ["张小三"] * 2
    assert stored(row, "name") != stored(zhang, "name")


def test_dumpdata_gives_ciphertext_and_forms_the_clear_value(zhang):
    zhang.born_on = datetime.date(1990, 3, 7)
    zhang.save()
    row = fresh(zhang)
    text = serializers.serialize("json", [row])
    assert not any(clear in text for clear in ("张小三", "13812341234", "12010119900307123X", "1990-03-07", '"a"'))
    assert model_to_dict(row, ["name", "born_on"]) == {"name": "张小三", "born_on": "1990-03-07"}
    with pytest.raises(serializers.base.DeserializationError):
        _ = [item.save() for item in serializers.deserialize("json", text.replace(str(row.pk), "x"))]


def test_a_name_of_200_characters_is_refused_at_its_field(trial):
    with pytest.raises(ValidationError) as caught:
        Neighbour(name="张" * 200).full_clean()
    assert set(caught.value.message_dict) == {"name"}
    Neighbour(name="😀" * 20).full_clean()


def test_history_rows_are_sealed_for_themselves(zhang):
    zhang.name = "张小四"
    zhang.save()
    past = zhang.history.earliest()
    assert (past.name, past.instance.name, zhang.history.latest().name) == ("张小三", "张小三", "张小四")
    raw = zhang.history.values_list("name", flat=True)
    assert len({sealed.token for sealed in raw} | {stored(zhang, "name")}) == 3
    assert set(Neighbour.history.filter(name_index__matches="张小三")) == {past}


def test_masked_values_come_with_the_model(zhang):
    assert (zhang.name_masked(), zhang.phone_masked(), zhang.number_masked()) == (
        "张*三",
        "138****1234",
        "120101********123X",
    )
    assert Neighbour.name_masked.short_description == "姓名"


def test_declarations_are_checked_and_survive_a_migration():
    field = Neighbour._meta.get_field("remark")
    _, path, args, kwargs = field.deconstruct()
    assert path == "guomi.fields.EncryptedTextField"
    assert kwargs == {"verbose_name": "备注", "max_length": 50, "null": True, "blank": True, "purpose": "place"}
    assert Neighbour._meta.get_field("number_index").deconstruct()[3] == {"of": "number", "normalise": "document"}
    assert EncryptedTextField(*args, **kwargs).deconstruct()[1:] == field.deconstruct()[1:]
    assert [problem for problem in Neighbour.check() if problem.id.startswith("guomi")] == []


def test_a_model_with_a_counted_key_is_told_to_use_a_uuid():
    class Counted(models.Model):  # noqa: DJ008
        name = EncryptedTextField(db_index=True, mask="nonsense")

        class Meta:
            app_label = "guomi_trial"

    assert {"guomi.E002", "guomi.E003", "guomi.E004", "guomi.E005"} <= {problem.id for problem in Counted.check()}


def test_after_a_new_key_an_old_value_opens_and_is_sealed_anew_at_saving(zhang, own_keys):
    before = stored(zhang, "remark"), stored(zhang, "name")
    keyring.get().renew("person")
    row = fresh(zhang)
    row.save()
    assert fresh(zhang).name == "张小三"
    assert stored(zhang, "name") != before[1]
