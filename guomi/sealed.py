"""A value as it came from the database: still sealed, bound to its model, field and row, opened only when looked at."""

import base64
from typing import Any

from guomi import keyring


class DecryptionError(ValueError):
    """A stored value did not open. Names model, field and row, never the value."""

    def __init__(self, model: str, field: str, pk: object, why: str) -> None:
        self.model, self.field, self.pk = model, field, str(pk)
        super().__init__(f"{model} 的字段 {field}（行 {pk}）无法解密：{why}")


class EncryptedFieldError(TypeError):
    """An encrypted field was used in a way that would store it in clear, or bound to no row."""


def context_of(model: str, field: str, pk: object) -> bytes:
    """What a ciphertext is bound to."""
    return "\0".join(("anju field", model, field, str(pk))).encode()


class Sealed:
    """The ciphertext of one value. Has no readable form: str() refuses, repr() tells nothing, pickles stay sealed."""

    __slots__ = ("_bound", "_text", "_value", "token")

    def __init__(self, token: str) -> None:
        self.token = token
        self._bound: tuple[str, str, str] | None = None
        self._text: str | None = None
        self._value: Any = None

    @classmethod
    def seal(cls, purpose: str, text: str, model: str, field: str, pk: object) -> "Sealed":
        blob = keyring.get().seal(purpose, text.encode(), context_of(model, field, pk))
        sealed = cls(base64.b64encode(blob).decode("ascii"))
        sealed._bound, sealed._text = (model, field, str(pk)), text
        return sealed

    def open(self, model: str, field: str, pk: object) -> str:
        """The clear text of this field of this row, or DecryptionError."""
        bound = (model, field, str(pk))
        if self._bound != bound:
            self._text = self._opened(model, field, pk)
            self._bound, self._value = bound, None
        return self._text

    def _opened(self, model: str, field: str, pk: object) -> str:
        try:
            blob = base64.b64decode(self.token, validate=True)
        except ValueError:
            raise DecryptionError(model, field, pk, "不是密文") from None
        try:
            return keyring.get().open(blob, context_of(model, field, pk)).decode()
        except keyring.OpenError as error:
            why = str(error)
        except UnicodeDecodeError:
            why = "内容不是文字"
        raise DecryptionError(model, field, pk, why)

    @property
    def bound(self) -> tuple[str, str, str] | None:
        """The row it has been opened for or sealed for in this process; None while untouched."""
        return self._bound

    def is_current(self, purpose: str) -> bool:
        """Whether it is under the newest key of its purpose."""
        return keyring.get().is_current(purpose, base64.b64decode(self.token[:8]))

    def keep(self, value: Any) -> Any:
        """Remember the Python value of the opened text, so that one object is handed out each time."""
        self._value = value
        return value

    @property
    def kept(self) -> Any:
        return self._value

    def __str__(self) -> str:
        raise EncryptedFieldError("密文不能直接显示：请从模型实例读取该字段")

    def __repr__(self) -> str:
        return "<Sealed>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and other.token == self.token

    def __hash__(self) -> int:
        return hash(self.token)

    def __copy__(self) -> "Sealed":
        return Sealed(self.token)

    def __deepcopy__(self, memo: dict) -> "Sealed":
        return Sealed(self.token)

    def __reduce__(self) -> tuple:
        return Sealed, (self.token,)


class Ready(Sealed):
    """A sealed value on its way into a bulk statement: the descriptor hands it on as it is."""

    __slots__ = ()
