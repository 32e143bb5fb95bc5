"""Why a call is refused. The standard defines no codes (quirk G-10): these are the sandbox's own, the wording is for people."""

NOT_JSON = 1001  # the body, or its shape
FIELD = 1002  # a value of the message
COMMON = 1003  # a common parameter of Table 2
CLIENT = 1004  # the caller is unknown
TOKEN = 1005  # the token is unknown or over
PASSWORD = 1006  # user name or password
PLACE = 1007  # the registration code is not this account's
LIMIT = 1008  # too many records at once
NO_DEVICE = 1009  # the device is not known
ORPHAN = 1010  # the person or the house is not known
URL = 1011  # the address is too long
LENGTH = 1012  # the body's length is not stated
BODY = 1013  # the body is too large
THROTTLED = 1014  # too often
QUOTA = 1015  # the day's calls are used up
WINDOW = 1016  # outside the calling hours
EXPIRED = 1017  # the validity is over
ADDRESS = 1018  # the caller's address is not allowed
RIGHT = 1019  # no right to the interface
BROKEN = 1500  # the sandbox's own failure
LOCAL = 403
NO_INTERFACE = 404
METHOD = 405


class Refused(Exception):
    """The call is refused with this code and this Chinese message, which never holds a value of the record."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message
