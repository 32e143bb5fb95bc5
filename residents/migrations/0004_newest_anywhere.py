"""The list of people of all communities, newest first, without sorting the whole table."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("community", "0001_initial"),
        ("residents", "0003_fill_search_indexes"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="person",
            index=models.Index(fields=["-created_at", "id"], name="person_newest_anywhere"),
        ),
    ]
