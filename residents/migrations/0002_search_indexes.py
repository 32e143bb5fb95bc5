"""Columns to find people by surname and by the last four of their number or telephone; 0003 fills them."""

from django.db import migrations, models

import guomi.fields


class Migration(migrations.Migration):
    dependencies = [
        ("community", "0001_initial"),
        ("residents", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="historicalperson",
            name="document_last4_index",
            field=guomi.fields.BlindIndexField(db_index=False, normalise="document_last4", of="document_number"),
        ),
        migrations.AddField(
            model_name="historicalperson",
            name="phone_last4_index",
            field=guomi.fields.BlindIndexField(db_index=False, normalise="phone_last4", of="phone"),
        ),
        migrations.AddField(
            model_name="historicalperson",
            name="surname_index",
            field=guomi.fields.BlindIndexField(db_index=False, normalise="surname", of="name"),
        ),
        migrations.AddField(
            model_name="person",
            name="document_last4_index",
            field=guomi.fields.BlindIndexField(db_index=False, normalise="document_last4", of="document_number"),
        ),
        migrations.AddField(
            model_name="person",
            name="phone_last4_index",
            field=guomi.fields.BlindIndexField(db_index=False, normalise="phone_last4", of="phone"),
        ),
        migrations.AddField(
            model_name="person",
            name="surname_index",
            field=guomi.fields.BlindIndexField(db_index=False, normalise="surname", of="name"),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(fields=["surname_index", "-created_at"], name="person_surname"),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(fields=["document_last4_index"], name="person_document_last4"),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(fields=["phone_last4_index"], name="person_phone_last4"),
        ),
    ]
