"""A self-signed certificate, made anew for each run with nothing but Python: ECDSA on P-256, X.509 in DER."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import ipaddress
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
_EC_KEY, _P256, _SHA256 = "2a8648ce3d0201", "2a8648ce3d030107", "2a8648ce3d040302"
_NAME, _ALTERNATIVES, _CONSTRAINTS = "550403", "551d11", "551d13"

_Point = tuple[int, int] | None


def write_certificate(folder: Path, host: str = "127.0.0.1") -> tuple[Path, Path]:
    """A certificate for an address and its key, as PEM files in a folder."""
    secret = secrets.randbelow(_N - 1) + 1
    x, y = _times(secret, _G) or (0, 0)
    point = b"\x04" + x.to_bytes(32, "big") + y.to_bytes(32, "big")
    public = _sequence(_sequence(_oid(_EC_KEY), _oid(_P256)), _bits(point))
    name = _sequence(_der(0x31, _sequence(_oid(_NAME), _der(0x0C, b"manager_nb test"))))
    now = dt.datetime.now(dt.UTC)
    times = [(now + dt.timedelta(days=days)).strftime("%y%m%d%H%M%SZ").encode() for days in (-1, 1)]
    address = _der(0x87, ipaddress.ip_address(host).packed)
    alternatives = _sequence(_oid(_ALTERNATIVES), _der(4, _sequence(address)))
    constraints = _sequence(_oid(_CONSTRAINTS), _der(1, b"\xff"), _der(4, _sequence(_der(1, b"\xff"))))
    body = _sequence(
        _der(0xA0, _integer(2)),
        _integer(secrets.randbits(64) + 1),
        _sequence(_oid(_SHA256)),
        name,
        _sequence(*(_der(0x17, time) for time in times)),
        name,
        public,
        _der(0xA3, _sequence(alternatives, constraints)),
    )
    certificate = _sequence(body, _sequence(_oid(_SHA256)), _bits(_signature(body, secret)))
    private = _sequence(_integer(1), _der(4, secret.to_bytes(32, "big")), _der(0xA0, _oid(_P256)))
    return (
        _pem(folder / "certificate.pem", "CERTIFICATE", certificate),
        _pem(folder / "key.pem", "EC PRIVATE KEY", private),
    )


def _signature(data: bytes, secret: int) -> bytes:
    digest = int.from_bytes(hashlib.sha256(data).digest(), "big")
    while True:
        nonce = secrets.randbelow(_N - 1) + 1
        r = (_times(nonce, _G) or (0, 0))[0] % _N
        s = pow(nonce, -1, _N) * (digest + r * secret) % _N
        if r and s:
            return _sequence(_integer(r), _integer(s))


def _times(number: int, point: _Point) -> _Point:
    total: _Point = None
    while number:
        if number & 1:
            total = _plus(total, point)
        point = _plus(point, point)
        number >>= 1
    return total


def _plus(one: _Point, other: _Point) -> _Point:
    if one is None or other is None:
        return other if one is None else one
    (x1, y1), (x2, y2) = one, other
    if x1 == x2 and (y1 + y2) % _P == 0:
        return None
    slope = (3 * x1 * x1 - 3) * pow(2 * y1, -1, _P) if one == other else (y2 - y1) * pow(x2 - x1, -1, _P)
    x3 = (slope * slope - x1 - x2) % _P
    return x3, (slope * (x1 - x3) - y1) % _P


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    raw = size.to_bytes((size.bit_length() + 7) // 8 or 1, "big")
    return bytes([tag]) + (raw if size < 128 else bytes([128 | len(raw)]) + raw) + content


def _sequence(*parts: bytes) -> bytes:
    return _der(0x30, b"".join(parts))


def _integer(number: int) -> bytes:
    return _der(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _bits(data: bytes) -> bytes:
    return _der(3, b"\0" + data)


def _oid(content: str) -> bytes:
    return _der(6, bytes.fromhex(content))


def _pem(path: Path, label: str, data: bytes) -> Path:
    text = base64.encodebytes(data).decode()
    path.write_text(f"-----BEGIN {label}-----\n{text}-----END {label}-----\n")
    return path
