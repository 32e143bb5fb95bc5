import io
import struct
import zlib

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from PIL import Image

from guomi import images, pictures
from guomi.fields import DecryptionError
from guomi.pictures import PictureError
from tests.guomi.models import Neighbour


def fresh(row):
    return Neighbour.objects.get(pk=row.pk)


def files(folder):
    return sorted(path for path in (folder / "media").rglob("*") if path.is_file())


def with_place(photo) -> bytes:
    """A JPEG that tells where it was taken, lies on its side and has something after its end."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "CAMERA-OF-ZHANG"
    exif.get_ifd(0x8825)[2] = (39.0, 8.0, 0.0)
    return photo((400, 300), "JPEG", exif=exif, comment=b"COMMENT-OF-ZHANG") + b"TRAILING-OF-ZHANG"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP"])
def test_every_accepted_format_becomes_a_jpeg(photo, kind):
    drawn = Image.open(io.BytesIO(images.clean(photo((320, 240), kind))))
    assert (drawn.format, drawn.size, drawn.mode) == ("JPEG", (320, 240), "RGB")


def test_place_camera_and_trailing_data_are_gone_and_the_picture_stands_upright(photo):
    dirty = with_place(photo)
    assert b"CAMERA-OF-ZHANG" in dirty
    cleaned = images.clean(dirty)
    drawn = Image.open(io.BytesIO(cleaned))
    assert drawn.size == (300, 400)
    assert not dict(drawn.getexif())
    assert b"OF-ZHANG" not in cleaned
    assert "comment" not in drawn.info


def test_transparent_parts_become_white():
    out = io.BytesIO()
    Image.new("RGBA", (200, 200), (255, 0, 0, 0)).save(out, "PNG")
    assert Image.open(io.BytesIO(images.clean(out.getvalue()))).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("data", [b"", b"hello", b"\xff\xd8\xff", b"GIF89a" + b"\0" * 50, b"<svg/>" * 20, b"\0" * 1000])
def test_what_is_no_picture_is_refused_in_chinese(data):
    with pytest.raises(PictureError, match="图片"):
        images.clean(data)


def test_a_truncated_picture_is_refused(photo):
    whole = photo((800, 600), "JPEG", quality=95)
    with pytest.raises(PictureError, match="不完整"):
        images.clean(whole[: len(whole) // 2])


def test_a_bomb_is_refused_before_it_is_decoded():
    """60,000 x 60,000 pixels announced in 100 bytes."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )
    with pytest.raises(PictureError):
        images.clean(bomb)


def test_more_than_fifty_megapixels_or_twelve_megabytes_is_refused(photo):
    with pytest.raises(PictureError, match="5000 万"):
        images.clean(photo((8000, 6300)))
    with pytest.raises(PictureError, match="12 MB"):
        images.clean(b"\xff" * (12 * 1024 * 1024 + 1))


def noise(side: int) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((side, side), 100).convert("RGB").save(out, "JPEG", quality=97)
    return out.getvalue()


def test_a_picture_of_five_megabytes_is_scaled_down_until_it_fits():
    big = noise(2900)
    assert len(big) > 5_000_000
    cleaned = images.clean(big)
    assert len(cleaned) <= images.MAX_OUTPUT_BYTES
    assert Image.open(io.BytesIO(cleaned)).size[0] >= 1000


def test_a_picture_that_cannot_get_small_enough_is_refused():
    with pytest.raises(PictureError, match="压缩"):
        images.clean(noise(400), max_bytes=500)


def test_zhangs_photo_is_encrypted_on_disk_and_reads_back(zhang, photo, trial):
    zhang.photo = SimpleUploadedFile("张小三.jpg", with_place(photo))
    zhang.save()
    (path,) = files(trial)
    assert not path.read_bytes().startswith(b"\xff\xd8")
    assert "张" not in str(path)
    clear = fresh(zhang).photo.read_clear()
    assert Image.open(io.BytesIO(clear)).size == (300, 400)
    assert fresh(zhang).photo.read() == clear
    assert fresh(zhang).photo.url == ""
    assert pictures.read_stored(fresh(zhang).photo.name) == clear


def test_bytes_may_be_assigned_and_bulk_created(trial, photo):
    rows = Neighbour.objects.bulk_create([Neighbour(name=name, photo=photo()) for name in ("甲", "乙")])
    assert all(fresh(row).photo.read_clear().startswith(b"\xff\xd8") for row in rows)


def test_rubbish_assigned_is_refused_naming_the_field_and_nothing_is_left(zhang, trial):
    zhang.photo = b"not a picture"
    with pytest.raises(PictureError, match="照片"), transaction.atomic():
        zhang.save()
    assert files(trial) == []
    assert not fresh(zhang).photo


def test_the_photo_of_li_is_not_shown_as_zhangs(zhang, photo):
    li = Neighbour.objects.create(name="李四", photo=photo())
    with connection.cursor() as cursor:
        key = zhang.pk if connection.features.has_native_uuid_field else zhang.pk.hex
        cursor.execute(f"UPDATE {Neighbour._meta.db_table} SET photo = %s WHERE id = %s", [li.photo.name, key])
    with pytest.raises(DecryptionError) as caught:
        fresh(zhang).photo.read_clear()
    assert str(zhang.pk) in str(caught.value)
    assert fresh(li).photo.read_clear()


def test_a_file_moved_altered_or_lost_is_detected(zhang, photo, trial):
    li = Neighbour.objects.create(name="李四", photo=photo())
    zhang.photo = photo(colour="red")
    zhang.save()
    storage = zhang.photo.storage
    own, other = trial / "media" / zhang.photo.name, trial / "media" / li.photo.name
    kept = own.read_bytes()
    for content in (other.read_bytes(), kept[:-1] + bytes([kept[-1] ^ 1]), b""):
        own.write_bytes(content)
        with pytest.raises(DecryptionError, match=str(zhang.pk)):
            fresh(zhang).photo.read_clear()
    storage.delete(zhang.photo.name)
    with pytest.raises(DecryptionError, match="文件不存在"):
        fresh(zhang).photo.read_clear()


def test_the_old_file_goes_when_the_change_is_committed(zhang, photo, trial, django_capture_on_commit_callbacks):
    zhang.photo = photo()
    zhang.save()
    old = files(trial)
    row = fresh(zhang)
    with django_capture_on_commit_callbacks(execute=True):
        row.photo = photo(colour="red")
        row.save()
        assert set(old) < set(files(trial))
    assert len(files(trial)) == 1
    assert files(trial) != old
    with django_capture_on_commit_callbacks(execute=True):
        fresh(zhang).delete()
        assert len(files(trial)) == 1
    assert files(trial) == []


def test_a_cleared_photo_goes_too_and_other_saves_touch_nothing(
    zhang, photo, trial, django_capture_on_commit_callbacks
):
    zhang.photo = photo()
    zhang.save()
    row = fresh(zhang)
    with django_capture_on_commit_callbacks(execute=True):
        row.save()
        row.street = "maple"
        row.save(update_fields=["street"])
    assert len(files(trial)) == 1
    with django_capture_on_commit_callbacks(execute=True):
        row.photo = ""
        row.save()
    assert files(trial) == []


def _replace_and_fail(row, data):
    row.photo = data
    row.save()
    raise RuntimeError


def test_a_row_deleted_without_its_photo_loaded_takes_the_file_along(
    zhang, photo, trial, django_capture_on_commit_callbacks
):
    zhang.photo = photo()
    zhang.save()
    with django_capture_on_commit_callbacks(execute=True):
        row = Neighbour.objects.only("street").get()
        row.street = "maple"
        row.save()
        Neighbour.objects.only("street").delete()
    assert files(trial) == []


def test_a_change_rolled_back_keeps_the_old_file(zhang, photo, trial, django_capture_on_commit_callbacks):
    zhang.photo = photo()
    zhang.save()
    row, old = fresh(zhang), zhang.photo.name
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(RuntimeError), transaction.atomic():
        _replace_and_fail(row, photo(colour="red"))
    assert fresh(zhang).photo.name == old
    assert fresh(zhang).photo.read_clear()


def test_a_file_of_another_row_is_never_deleted(zhang, photo, trial, django_capture_on_commit_callbacks):
    li = Neighbour.objects.create(name="李四", photo=photo())
    zhang.photo = li.photo.name
    with django_capture_on_commit_callbacks(execute=True):
        zhang.save()
        zhang.delete()
    assert fresh(li).photo.read_clear()


def test_history_keeps_the_name_only(zhang, photo):
    zhang.photo = photo()
    zhang.save()
    assert zhang.history.latest().photo == zhang.photo.name


def test_the_form_field_complains_at_the_field_and_draws_once(photo):
    field = pictures.PictureFormField()
    cleaned = field.clean(SimpleUploadedFile("a.png", photo()))
    assert isinstance(cleaned, pictures.CleanPicture)
    assert cleaned.read().startswith(b"\xff\xd8")
    for bad in (b"no picture", b"\xff" * (12 * 1024 * 1024 + 1)):
        with pytest.raises(pictures.django_forms.ValidationError, match="图片"):
            field.clean(SimpleUploadedFile("a.png", bad))


def test_a_file_object_at_its_end_is_read_whole(zhang, photo):
    upload = ContentFile(photo(), name="x.png")
    upload.read()
    zhang.photo = upload
    zhang.save()
    assert fresh(zhang).photo.read_clear()
