"""A column of .NET decimals as exact Arrow decimals of one scale (docs/format.md §3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from manager_nb.format.scan_types import MONEY, WIDE_MONEY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from manager_nb.format.scan_tape import Numbers, Words

_DIGITS = 38
_TENS = np.array([10**power for power in range(19)])  # all that 63 bits hold
_NARROW = (1 << 63) - 1


def money_column(low: Words, high: Words, sign_scale: Words, nulls: pa.Buffer | None) -> pa.Array:
    """Decimals as ``decimal128(38, s)``: s is the smallest scale that holds all of them exactly, at least 2.

    Where 38 digits do not suffice the column is ``decimal256(76, 28)``.

    Args:
        low: the lower 64 bits of each mantissa.
        high: the upper 32 bits.
        sign_scale: bit 0 the sign, bits 1 to 8 the scale.
        nulls: the validity bitmap.
    """
    scales = ((sign_scale & 0x1FE) >> 1).view(np.int64)
    large = np.flatnonzero((high != 0) | (low > _NARROW))
    mantissas = low.view(np.int64).copy()
    mantissas[large] = 0
    scales[large] = 0
    exact = {int(at): _shortest(int(high[at]) << 64 | int(low[at]), int(sign_scale[at] & 0x1FE) >> 1) for at in large}
    _strip_zeros(mantissas, scales)
    scale = max([MONEY.scale, int(scales.max(initial=0)), *(digits for _, digits in exact.values())])
    shift = scale - scales
    beyond = (shift >= len(_TENS)) | (mantissas > _NARROW // _TENS[np.minimum(shift, len(_TENS) - 1)])
    exact |= {int(at): (int(mantissas[at]), int(scales[at])) for at in np.flatnonzero(beyond & (mantissas != 0))}
    units = mantissas * _TENS[np.minimum(shift, len(_TENS) - 1)]
    negative = sign_scale & 1 != 0
    units = np.where(negative, -units, units)
    wide = {
        at: (-number if negative[at] else number) * 10 ** (scale - digits) for at, (number, digits) in exact.items()
    }
    if any(abs(number) >= 10**_DIGITS for number in wide.values()):
        return _widest(units, wide, scale, nulls)
    return _column(pa.decimal128(_DIGITS, scale), units, wide, nulls)


def _shortest(mantissa: int, scale: int) -> tuple[int, int]:
    """The same number without the zeros behind its second decimal."""
    while scale > MONEY.scale and mantissa % 10 == 0:
        mantissa, scale = mantissa // 10, scale - 1
    return mantissa, scale


def _strip_zeros(mantissas: Numbers, scales: Numbers) -> None:
    """:func:`_shortest` for many, in place."""
    long = np.flatnonzero(scales > MONEY.scale)
    while len(long):
        long = long[mantissas[long] % 10 == 0]
        mantissas[long] //= 10
        scales[long] -= 1
        long = long[scales[long] > MONEY.scale]


def _column(form: pa.DataType, units: Numbers, wide: dict[int, int], nulls: pa.Buffer | None) -> pa.Array:
    """The column from 64-bit numbers and those few that are larger."""
    width = form.byte_width
    words: NDArray[np.int64] = np.empty((len(units), width // 8), np.int64)
    words[:, 0] = units
    words[:, 1:] = (units >> 63)[:, np.newaxis]
    for at, number in wide.items():
        words[at] = np.frombuffer(number.to_bytes(width, "little", signed=True), np.int64)
    return pa.Array.from_buffers(form, len(units), [nulls, pa.py_buffer(words)])


def _widest(units: Numbers, wide: dict[int, int], scale: int, nulls: pa.Buffer | None) -> pa.Array:
    rest = 10 ** (WIDE_MONEY.scale - scale)
    numbers = {at: int(number) * rest for at, number in enumerate(units) if number}
    numbers |= {at: number * rest for at, number in wide.items()}
    return _column(WIDE_MONEY, np.zeros(len(units), np.int64), numbers, nulls)
