"""Two small tables for trying the encrypted fields; they belong to no installed app, so no migration knows them."""

import uuid

from django.db import models
from simple_history.models import HistoricalRecords

from guomi.fields import BlindIndexField, EncryptedDateField, EncryptedJSONField, EncryptedTextField
from guomi.pictures import EncryptedPictureField
from guomi.querysets import SealedQuerySet


class Remembered(models.Model):
    """Inherited history: simple_history then asks for no installed app."""

    history = HistoricalRecords(
        user_db_constraint=False, history_id_field=models.UUIDField(default=uuid.uuid4), inherit=True, app="guomi_trial"
    )

    class Meta:
        abstract = True


class Neighbour(Remembered):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    street = models.CharField(max_length=20, default="lotus")
    name = EncryptedTextField("姓名", max_length=20, mask="name")
    phone = EncryptedTextField("电话", max_length=20, mask="phone", blank=True)
    remark = EncryptedTextField("备注", max_length=50, null=True, blank=True, purpose="place")
    number = EncryptedTextField("证件号码", max_length=18, mask="document", blank=True)
    born_on = EncryptedDateField("出生日期", null=True, blank=True)
    extra = EncryptedJSONField("其他", null=True, blank=True)
    number_index = BlindIndexField(of="number", normalise="document")
    name_index = BlindIndexField(of="name", normalise="name")
    photo = EncryptedPictureField("照片", blank=True)

    objects = SealedQuerySet.as_manager()

    class Meta:
        app_label = "guomi_trial"
        constraints = [models.UniqueConstraint(fields=["street", "number_index"], name="one_number_a_street")]

    def __str__(self) -> str:
        return str(self.pk)
