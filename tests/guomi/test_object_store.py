"""Pictures in an S3-compatible store: sealed before they leave, read, replaced, found when orphaned, gone when erased."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.orphans import find_orphans, purge_orphans
from demo.drawings import portrait
from guomi import keyring, rotation
from guomi.sealed import DecryptionError
from residents.models import Person
from tests import cast

pytestmark = [pytest.mark.processes]
BUCKET = "pictures"
SECRETS = {"aws_access_key_id": "portal", "aws_secret_access_key": "secret", "region_name": "us-east-1"}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """A store of its own, listening on the loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", f"from moto.server import main; main(['-H', '127.0.0.1', '-p', '{port}'])"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    client = boto3.client("s3", endpoint_url=url, **SECRETS)
    deadline = time.monotonic() + 60
    while True:
        try:
            client.create_bucket(Bucket=BUCKET)
            break
        except EndpointConnectionError:
            assert time.monotonic() < deadline, "the store did not start"
            time.sleep(0.3)
    yield url
    server.terminate()
    server.wait(10)


@pytest.fixture
def store(endpoint: str, settings):
    """The portal's pictures in that store; gives a client beside it."""
    options = {
        "bucket_name": BUCKET, "endpoint_url": endpoint, "access_key": "portal", "secret_key": "secret",
        "region_name": "us-east-1", "addressing_style": "path", "file_overwrite": True,
    }  # fmt: skip
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    }
    return boto3.client("s3", endpoint_url=endpoint, **SECRETS)


def objects(store) -> dict[str, bytes]:
    listed = store.list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return {one["Key"]: store.get_object(Bucket=BUCKET, Key=one["Key"])["Body"].read() for one in listed}


def test_what_lies_in_the_store_is_sealed_and_reads_back(store, lotus: cast.Place) -> None:
    name = lotus.resident.photo.name
    kept = objects(store)[name]
    clear = Person.objects.get(pk=lotus.resident.pk).photo.read_clear()
    assert clear.startswith(b"\xff\xd8")
    assert clear[:200] not in kept
    assert b"\xff\xd8\xff" not in kept[:16]


def test_a_damaged_or_moved_object_does_not_open(store, lotus: cast.Place, maple: cast.Place) -> None:
    mine, other = lotus.resident.photo.name, maple.resident.photo.name
    store.put_object(Bucket=BUCKET, Key=mine, Body=objects(store)[other])
    with pytest.raises(DecryptionError):
        Person.objects.get(pk=lotus.resident.pk).photo.read_clear()
    store.delete_object(Bucket=BUCKET, Key=other)
    with pytest.raises(DecryptionError, match="不存在"):
        Person.objects.get(pk=maple.resident.pk).photo.read_clear()


def test_new_keys_seal_objects_anew_in_their_place(store, lotus: cast.Place, own_keys) -> None:
    name = lotus.resident.photo.name
    before, clear = objects(store)[name], lotus.resident.photo.read_clear()
    keyring.get().renew("picture")
    tally = rotation.sweep()
    assert tally.files >= 1
    after = objects(store)
    assert name in after
    assert after[name] != before
    assert Person.objects.get(pk=lotus.resident.pk).photo.read_clear() == clear
    assert not rotation.count_old()


def test_orphans_are_found_and_removed_in_the_store(store, lotus: cast.Place) -> None:
    lost = lotus.resident.photo.name
    lotus.residency.delete()
    Person.objects.filter(pk=lotus.resident.pk)._raw_delete(Person.objects.db)
    assert lost in list(find_orphans(timezone.now() + timedelta(hours=25)))
    purge_orphans(timezone.now() + timedelta(hours=25))
    assert lost not in objects(store)


@pytest.mark.usefixtures("committed")
def test_a_replaced_picture_goes_with_the_commit(store, lotus: cast.Place) -> None:
    old = lotus.resident.photo.name
    lotus.resident.photo = portrait(7, "1")
    lotus.resident.save()
    assert old not in objects(store)
    assert lotus.resident.photo.name in objects(store)


def test_a_store_that_refuses_leaves_nothing_half_saved(store, lotus: cast.Place) -> None:
    default_storage.bucket_name = "no-such-bucket"
    default_storage._bucket = None
    with pytest.raises(ClientError):
        Person.objects.create(
            community=lotus.community,
            name="李四",
            document_number=cast.valid_id("19770707", 333),
            photo=portrait(3, "1"),
        )
    assert not Person.objects.search("李四").exists()
