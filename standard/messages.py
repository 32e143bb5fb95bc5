"""Messages of Appendix B: encode, decode, check. Records have English keys; refusals name wire name, Chinese name, clause.

The door to the modules beside it: `writing`, `reading`, `rules`, `batches`, `refusals`.

>>> message = encode("B.6.2", {"device_code": "D-1", "registration_code": "R-1"})
>>> decode("B.6.2", message)
{'device_code': 'D-1', 'registration_code': 'R-1'}
>>> [str(refusal) for refusal in check("B.6.2", {"registration_code": "R-1"})]
['设备编码(sbbm)为必填项,不能为空(B.6.2)']
"""

from standard.batches import BATCH_BYTES, batch, split_batches
from standard.reading import decode
from standard.refusals import MessageError, Refusal
from standard.rules import TENANT_FAMILY, filled
from standard.wire import MAX_PICTURE_BASE64
from standard.writing import LIKELY, TABLE, Profile, check, encode, encode_response

MAX_URL_BYTES = 2048
MAX_BODY_BYTES = 20_000_000
MAX_PAGE = 400

__all__ = [
    "BATCH_BYTES",
    "LIKELY",
    "MAX_BODY_BYTES",
    "MAX_PAGE",
    "MAX_PICTURE_BASE64",
    "MAX_URL_BYTES",
    "TABLE",
    "TENANT_FAMILY",
    "MessageError",
    "Profile",
    "Refusal",
    "batch",
    "check",
    "decode",
    "encode",
    "encode_response",
    "filled",
    "split_batches",
]
