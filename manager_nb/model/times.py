"""A table's ``Timestamp`` as a moment that people read, beside the exact ticks (docs/format.md §2)."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from manager_nb.format.scalars import MAX_TICKS, TICKS_AT_UNIX_EPOCH

TIME = pa.timestamp("us", "UTC")
"""The type of every ``time`` column: UTC, cut to the microsecond."""


def times(ticks: pa.Array) -> pa.Array:
    """Ticks as moments in UTC; null where there are none, or no year from 1 to 9999 holds them.

    Ticks of 0, which the program writes where there is no time, give null too.
    """
    sound = pc.and_(pc.greater(ticks, 0), pc.less_equal(ticks, MAX_TICKS))
    microseconds = pc.divide(pc.if_else(sound, ticks, pa.scalar(None, pa.int64())), 10)
    return pc.subtract(microseconds, TICKS_AT_UNIX_EPOCH // 10).cast(TIME)
