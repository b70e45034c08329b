"""Tokens that `jalon token issue` would never sign, under the very key that it signs with.

Ed25519 as in RFC 8032, section 5.1, in plain integers: slow, and for tests only.
"""

import base64
import hashlib
import json

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
BASE = (
    15112221349535400772501151409588531511454012693041857206046113283949847762202,
    46316835694926478169428394003475163141307993866256225615783033603165251855960,
)


def _add(a, b):
    (x1, y1), (x2, y2) = a, b
    product = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + product, -1, P) % P
    return x, (y1 * y2 + x1 * x2) * pow(1 - product, -1, P) % P


def _times(point, number):
    result = (0, 1)
    while number:
        if number & 1:
            result = _add(result, point)
        point, number = _add(point, point), number >> 1
    return result


def _encode(point):
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def _number(data):
    return int.from_bytes(hashlib.sha512(data).digest(), "little")


def sign(secret, message):
    """The signature (64 bytes) under a secret of 32 bytes."""
    halves = hashlib.sha512(secret).digest()
    scalar = int.from_bytes(halves[:32], "little") & (2**254 - 8) | 2**254
    public = _encode(_times(BASE, scalar))
    nonce = _number(halves[32:] + message) % ORDER
    point = _encode(_times(BASE, nonce))
    rest = (nonce + _number(point + public + message) * scalar) % ORDER
    return point + rest.to_bytes(32, "little")


def _encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Forger:
    """Changes a good token and signs it again with the key in the server's data folder."""

    def __init__(self, key_file, good):
        with open(key_file, encoding="ascii") as file:
            self.secret = decoded(json.load(file)["d"])
        self.header, self.claims = (json.loads(decoded(part)) for part in good.split(".")[:2])

    def token(self, header=None, **changes):
        """A change to None leaves the claim out."""
        claims = {k: v for k, v in {**self.claims, **changes}.items() if v is not None}
        header = {k: v for k, v in {**self.header, **(header or {})}.items() if v is not None}
        text = ".".join(_encoded(json.dumps(part).encode()) for part in (header, claims))
        return text + "." + _encoded(sign(self.secret, text.encode()))
