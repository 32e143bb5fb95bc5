"""Role, session and own code of an entry; codes of leaves; chunks, tombstones, countersignatures.

Columns come by ADD COLUMN with a default: at once, however long the log. The triggers stay where they are, but for the
one against DELETE on entries, which now lets a row go under a tombstone.
"""

from django.db import migrations, models

COLUMNS = (
    ("audit_entry", "role", "varchar(100) NOT NULL DEFAULT ''"),
    ("audit_entry", "session", "varchar(16) NOT NULL DEFAULT ''"),
    ("audit_entry", "mac", "varchar(64) NOT NULL DEFAULT ''"),
    ("audit_leaf", "mac", "varchar(64) NOT NULL DEFAULT ''"),
    ("audit_head", "previous", "bigint NULL"),
)
PLAIN = ("audit_leaf", "audit_head", "audit_chunk", "audit_tombstone", "audit_countersignature")
BURIED = (
    'SELECT 1 FROM "audit_leaf" l JOIN "audit_tombstone" t ON l."index" BETWEEN t."first" AND t."last" '
    'WHERE l."entry_id" = OLD."id"'
)
MESSAGE = "the audit log is append-only"


def statements(vendor: str) -> list[str]:
    """What makes the database refuse changes; after `removals`, or where nothing is yet."""
    if vendor == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        return [
            *(
                f"CREATE TRIGGER {table}_no_{deed.lower()} BEFORE {deed} ON {table} {refuse}"
                for table in PLAIN
                for deed in ("UPDATE", "DELETE")
            ),
            f"CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry {refuse}",
            f"CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry WHEN NOT EXISTS ({BURIED}) {refuse}",
        ]
    return [
        "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{MESSAGE}'; END $$",
        "CREATE OR REPLACE FUNCTION audit_refuse_unburied() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF EXISTS ({BURIED}) THEN RETURN OLD; END IF; RAISE EXCEPTION '{MESSAGE}'; END $$",
        *(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
            for table in PLAIN
        ),
        "CREATE TRIGGER audit_entry_no_change BEFORE UPDATE OR TRUNCATE ON audit_entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
        "CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry "
        "FOR EACH ROW EXECUTE FUNCTION audit_refuse_unburied()",
    ]


def removals(vendor: str) -> list[str]:
    """What takes the triggers away."""
    tables = (*PLAIN, "audit_entry")
    if vendor == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {table}_no_{deed}" for table in tables for deed in ("update", "delete")]
    return [
        *(f"DROP TRIGGER IF EXISTS {table}_no_change ON {table}" for table in tables),
        "DROP TRIGGER IF EXISTS audit_entry_no_delete ON audit_entry",
    ]


def add_columns(apps, schema_editor) -> None:
    for table, column, kind in COLUMNS:
        schema_editor.execute(f'ALTER TABLE "{table}" ADD COLUMN "{column}" {kind}')


def drop_columns(apps, schema_editor) -> None:
    for table, column, _kind in COLUMNS:
        schema_editor.execute(f'ALTER TABLE "{table}" DROP COLUMN "{column}"')


def install(apps, schema_editor) -> None:
    vendor = schema_editor.connection.vendor
    for statement in removals(vendor) + statements(vendor):
        schema_editor.execute(statement)


def restore_0002(apps, schema_editor) -> None:
    from importlib import import_module

    before, vendor = import_module("audit.migrations.0002_refuse_changes"), schema_editor.connection.vendor
    for statement in removals(vendor) + before.statements(vendor):
        schema_editor.execute(statement)


def field(model: str, name: str, made) -> migrations.AddField:
    return migrations.AddField(model_name=model, name=name, field=made)


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_refuse_changes")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(add_columns, drop_columns)],
            state_operations=[
                field("entry", "role", models.CharField("角色", max_length=100, blank=True, default="")),
                field("entry", "session", models.CharField("会话", max_length=16, blank=True, default="")),
                field("entry", "mac", models.CharField("校验码", max_length=64, blank=True, default="")),
                field("leaf", "mac", models.CharField("校验码", max_length=64, blank=True, default="")),
                field("head", "previous", models.BigIntegerField("上一封存点", null=True, blank=True)),
            ],
        ),
        migrations.CreateModel(
            name="Chunk",
            fields=[
                ("index", models.BigIntegerField(primary_key=True, serialize=False)),
                ("root", models.CharField(max_length=64)),
            ],
            options={"verbose_name": "审计分块", "verbose_name_plural": "审计分块"},
        ),
        migrations.CreateModel(
            name="Tombstone",
            fields=[
                ("first", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="起")),
                ("last", models.BigIntegerField(verbose_name="止")),
                ("entry_id", models.BigIntegerField(verbose_name="记录号")),
            ],
            options={"verbose_name": "到期删除", "verbose_name_plural": "到期删除"},
        ),
        migrations.CreateModel(
            name="Countersignature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("witness", models.CharField(max_length=40, verbose_name="见证方")),
                ("size", models.BigIntegerField(verbose_name="记录数")),
                ("root", models.CharField(max_length=64, verbose_name="根摘要")),
                ("seen_at", models.BigIntegerField(verbose_name="见证时间")),
                ("signature", models.CharField(max_length=128, verbose_name="签名")),
                ("received_at", models.DateTimeField(verbose_name="收到时间")),
            ],
            options={
                "verbose_name": "见证签名",
                "verbose_name_plural": "见证签名",
                "constraints": [
                    models.UniqueConstraint(fields=("witness", "size"), name="audit_countersignature_once")
                ],
            },
        ),
        migrations.RunPython(install, restore_0002),
    ]
