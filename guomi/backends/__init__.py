"""The libraries that do SM2's arithmetic. Each module offers the same functions, over DER (GM/T 0009, C1C3C2):

LIMIT (longest clear text in bytes), encrypt(public64, data) -> DER, decrypt(private32, der) -> bytes,
sign_digest(private32, e32) -> DER, verify_digest(public64, e32, der) -> bool; failures raise BackendError.
"""


class BackendError(Exception):
    """The library refused; carries no values."""
