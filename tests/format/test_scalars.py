"""GUIDs, decimals, dates and ticks."""

from __future__ import annotations

import datetime as dt
import pickle
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manager_nb.errors import EncodeError
from manager_nb.format import scalars
from manager_nb.format.encoding import encode
from manager_nb.format.messages import decode
from manager_nb.format.scalars import MAX_MANTISSA, MAX_TICKS, TickDateTime, datetime_to_ticks, ticks_to_datetime
from manager_nb.format.schema import SCHEMA

decimals = st.builds(
    lambda sign, mantissa, scale: Decimal((sign, tuple(map(int, str(mantissa))), -scale)),
    st.sampled_from((0, 1)),
    st.integers(0, MAX_MANTISSA),
    st.integers(0, 28),
)


@settings(deadline=None)
@given(decimals)
def test_a_decimal_keeps_every_digit_and_its_scale(value: Decimal) -> None:
    line = SCHEMA.message("AdvancedQuery.WhereLine")
    back = decode(line, encode(line, {"Decimal": value})).values["Decimal"]
    assert back.as_tuple() == value.as_tuple()


@pytest.mark.parametrize(
    "value", [Decimal("1e29"), Decimal(MAX_MANTISSA + 1), Decimal("1e-29"), Decimal("NaN"), Decimal("Infinity"), 1.5]
)
def test_a_number_that_manager_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(EncodeError):
        encode(SCHEMA.message("AdvancedQuery.WhereLine"), {"Decimal": value})


@settings(deadline=None)
@given(st.integers(0, MAX_TICKS))
def test_a_moment_keeps_every_tick(ticks: int) -> None:
    line = SCHEMA.message("AdvancedQuery.WhereLine")
    moment = TickDateTime.from_ticks(ticks)
    back = decode(line, encode(line, {"Date": moment})).values["Date"]
    day, rest = divmod(ticks, scalars.TICKS_PER_DAY)
    assert back == (moment if rest else dt.date(1, 1, 1) + dt.timedelta(days=day))
    assert isinstance(back, TickDateTime) == bool(rest)


def test_moments_that_differ_by_one_tick_are_not_equal() -> None:
    earlier, later = TickDateTime.from_ticks(638_812_781_010_000_001), TickDateTime.from_ticks(638_812_781_010_000_002)
    assert earlier != later
    assert earlier.isoformat() == "2025-04-26T15:28:21.0000001"
    assert pickle.loads(pickle.dumps(later)).ticks == later.ticks


@settings(deadline=None)
@given(st.datetimes(timezones=st.just(dt.UTC)))
def test_ticks_and_utc_agree(moment: dt.datetime) -> None:
    assert ticks_to_datetime(datetime_to_ticks(moment)) == moment


def test_the_ticks_of_the_unix_epoch() -> None:
    assert datetime_to_ticks(dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) == 621_355_968_000_000_000


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        datetime_to_ticks(dt.datetime(2025, 1, 1))  # noqa: DTZ001 - that is the point


@settings(deadline=None)
@given(st.uuids())
def test_a_guid_stands_in_dotnet_order(guid: object) -> None:
    data = scalars.guid_to_bytes(str(guid))
    assert scalars.guid_from_bytes(data) == str(guid)


def test_the_first_groups_of_a_guid_are_little_endian() -> None:
    assert scalars.guid_to_bytes("00112233-4455-6677-8899-aabbccddeeff").hex() == "33221100554477668899aabbccddeeff"
