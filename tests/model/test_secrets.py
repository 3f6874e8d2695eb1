"""Passwords and tokens never leave unless they are asked for."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from manager_nb.format.messages import decode
from manager_nb.format.schema import SCHEMA
from manager_nb.model.business import open_business
from manager_nb.model.secrets import MASK, has_secrets, mask
from tests.model.small_files import TICKS, content, guid, key, record, write

if TYPE_CHECKING:
    from pathlib import Path

    from manager_nb.model.business import Business
    from manager_nb.model.tables import Table

SECRETS = ["first-secret", "second-secret"]


def everything(table: Table) -> str:
    return str(table.to_arrow().to_pylist()) + repr(table)


def test_no_table_shows_a_secret(traders: Business) -> None:
    tables = [traders.history, traders.emails, traders.attachments, traders.images, traders.problems]
    shown = "".join(map(everything, [*tables, *map(traders.records, traders.types())])) + str(traders.summary())
    assert not [secret for secret in SECRETS if secret in shown]
    assert MASK in shown


def test_a_record_shows_its_secret_only_when_asked(traders: Business) -> None:
    (settings,) = traders.records("EmailSettings").to_arrow(["key", "Password"]).to_pylist()
    assert settings["Password"] == MASK
    masked = traders.record(settings["key"])
    assert masked.fields["Password"] == MASK
    assert "second-secret" not in repr(masked)
    opened = traders.record(settings["key"], unmask=True)
    assert opened.fields["Password"] == "second-secret"
    assert "second-secret" not in repr(opened)
    assert b"second-secret" in masked.raw  # the truth of the file is left alone


def test_a_secret_that_is_not_set_stays_unset(tmp_path: Path) -> None:
    rows = [
        record(1, "AccessToken", Name="none"),
        record(2, "AccessToken", Name="empty", Password=""),
        record(3, "AccessToken", Name="set", Password="s3cret"),
    ]
    with open_business(write(tmp_path / "a.manager", rows)) as business:
        assert business.records("AccessToken").to_arrow()["Password"].to_pylist() == [None, "", MASK]
        assert [business.record(key(number)).fields.get("Password") for number in (1, 2, 3)] == [None, "", MASK]


def test_users_of_old_files_keep_their_hashes_and_sessions_to_themselves(tmp_path: Path) -> None:
    name = "Obsolete.Obsolete88.User"
    token = str(uuid.UUID(int=77))
    values = {
        "Name": "asha",
        "Password": "hash-of-it",
        "Obsolete_Session": "old-session",
        "Session": b"raw-session",
        "PasswordResetToken": "reset-it",
        "MultifactorAuthentication": token,
        "Sessions": [{"Key": token}, {}],
    }
    rows = [record(1, name, **values), record(2, name, Name="ravi")]
    with open_business(write(tmp_path / "a.manager", rows)) as business:
        table = business.records(name).to_arrow()
        shown = str(table.to_pylist()) + str(business.record(key(1)).fields)
        for secret in ("hash-of-it", "old-session", "raw-session", "reset-it", token):
            assert secret not in shown
        first, second = table.to_pylist()
        assert (first["Name"], first["Password"], first["Session"]) == ("asha", MASK, MASK.encode())
        assert [session["Key"] for session in first["Sessions"]] == [MASK, None]
        assert (second["Password"], second["Sessions"]) == (None, None)
        assert business.record(key(1), unmask=True).fields["Password"] == "hash-of-it"


def test_columns_are_masked_as_records_are(traders: Business) -> None:
    content_type = SCHEMA.named("EmailSettings")
    assert content_type is not None
    column = traders.records("EmailSettings").to_arrow()["Password"]
    assert column.type == pa.string()
    values = decode(content_type, content("EmailSettings", Password="x")).values
    assert mask(content_type, values) == {"Password": MASK}
    assert values == {"Password": "x"}


def test_broken_bytes_of_a_type_with_secrets_are_masked(tmp_path: Path) -> None:
    broken = content("EmailSettings", SmtpServer="s") + b"\x12\x40topsecret"
    rows = [(guid("EmailSettings"), guid("EmailSettings"), broken, TICKS)]
    changes = [(key(1), key(2), guid("EmailSettings"), "u", TICKS, None, guid("EmailSettings"), None, broken)]
    with open_business(write(tmp_path / "a.manager", rows, Changes=changes)) as business:
        found = business.problems.to_arrow().to_pylist()
        assert {problem["where"] for problem in found} == {"Objects", "Changes"}
        assert "topsecret" not in str(found) + everything(business.history)
        assert "topsecret" not in str(business.record(guid("EmailSettings")).problems)
        assert "topsecret" in str(business.record(guid("EmailSettings"), unmask=True).problems)


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("EmailSettings", True),
        ("AccessToken", True),
        ("Obsolete.Obsolete88.User", True),
        ("Customer", False),
        ("JournalEntry", False),
    ],
)
def test_which_types_hold_secrets(name: str, secret: bool) -> None:
    assert has_secrets(name) is secret
