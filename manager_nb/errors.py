"""Every error that manager_nb raises on purpose, as one family.

::

    ManagerNbError                  has .message, .hint and .path; str() gives all three
    ├── SourceError                 the file that was to be read
    │   ├── SourceMissingError      is not there
    │   ├── SourceUnreadableError   may not be read (permission, device)
    │   ├── SourceBusyError         is locked by another program
    │   ├── SourceChangedError      changed while it was copied
    │   ├── NotABusinessError       is something else (empty, a folder, a .json, a text ...)
    │   ├── EncryptedFileError      is encrypted or scrambled
    │   ├── DamagedFileError        is a business, but nothing in it can be read
    │   └── SeveralBusinessesError  holds more than one business and none was named
    ├── WireError                   the bytes of one record break the wire format
    ├── EncodeError                 a value does not fit its field
    ├── NotFoundError               the business has no such record, type or attachment
    ├── SelectionError              nothing, or nothing that can be done, was selected
    ├── ConflictError               a restore plan has conflicts that nobody has decided
    ├── MomentError                 no moment: a time without a zone, an unknown zone; also a ValueError
    ├── TargetError                 the file or folder that was to be written
    │   ├── TargetExistsError       is there already
    │   ├── TargetUnwritableError   may not be written
    │   ├── DiskFullError           has no room left
    │   └── BusinessNameError       is a name that Manager could not use
    ├── VerificationError           what was written differs from what was meant; it was removed
    ├── ServerError                 the Manager server
    │   ├── ServerAddressError      has no such address, or one that is not encrypted
    │   ├── ServerUnreachableError  does not answer, or the connection broke
    │   ├── CertificateError        cannot prove that it is the one that was named
    │   ├── NotManagerError         is something else, or answers as Manager does not
    │   ├── SignInError             does not know the user, or not by that password
    │   │   └── SecondFactorError   asks for the code of a second factor
    │   ├── NotAllowedError         does not allow it to this user
    │   ├── UnknownBusinessError    has no business of that name
    │   ├── ServerBusyError         is making a backup of the business already
    │   ├── TornCopyError           sent no copy that can be proven whole: people kept saving
    │   └── ServerFailedError       failed, or did not do what it was asked
    └── CancelledError              the user pressed Cancel; nothing was left behind

Texts are templates with the facts beside them, so that a panel can show them in the user's language: see
:meth:`ManagerNbError.in_language`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class ManagerNbError(Exception):
    """The root of the family.

    Args:
        message: what is wrong, in English, with ``{fact}`` placeholders.
        hint: what the user can do, in English, with the same placeholders.
        path: the file it is about, if there is one.
        **facts: the values of the placeholders.
    """

    def __init__(self, message: str, *, hint: str, path: Path | str | None = None, **facts: object) -> None:
        super().__init__(message, hint, path, facts)
        self._message = message
        self._hint = hint
        self.path = Path(path) if path is not None else None
        self.facts = facts

    @property
    def message(self) -> str:
        """What is wrong, in English."""
        return self._message.format(**self.facts)

    @property
    def hint(self) -> str:
        """What the user can do, in English."""
        return self._hint.format(**self.facts)

    def in_language(self, translate: Callable[[str], str]) -> tuple[str, str]:
        """Message and hint, each translated as a template before the facts are put in."""
        return translate(self._message).format(**self.facts), translate(self._hint).format(**self.facts)

    def __str__(self) -> str:
        where = f" [{self.path}]" if self.path is not None else ""
        return f"{self.message}{where} {self.hint}"

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self._message, self._hint, self.path, self.facts)


def _rebuild(
    kind: type[ManagerNbError], message: str, hint: str, path: Path | None, facts: dict[str, object]
) -> ManagerNbError:
    return kind(message, hint=hint, path=path, **facts)


class SourceError(ManagerNbError):
    """The file that was to be read cannot be used."""


class SourceMissingError(SourceError):
    """There is no file at that path."""


class SourceUnreadableError(SourceError):
    """The operating system does not let us read it."""


class SourceBusyError(SourceError):
    """Another program holds it locked."""


class SourceChangedError(SourceError):
    """It changed while it was being copied."""


class NotABusinessError(SourceError):
    """It is not a Manager business."""


class EncryptedFileError(SourceError):
    """Its bytes look encrypted."""


class DamagedFileError(SourceError):
    """It is a business, but nothing in it can be read."""


class SeveralBusinessesError(SourceError):
    """It holds several businesses and none was named."""


class WireError(ManagerNbError):
    """The bytes of one record break the wire format."""


class EncodeError(ManagerNbError):
    """A value does not fit its field."""


class NotFoundError(ManagerNbError):
    """The business has no such record, type or attachment."""


class SelectionError(ManagerNbError):
    """Nothing, or nothing that can be done, was selected."""


class ParameterError(SelectionError):
    """A test of an audit was told something that does not fit.

    Message and hint name the setting by the title that people see, and say what is allowed, in the reader's language.
    """

    @property
    def parameter(self) -> str:
        """The name of the parameter, as code calls it: "late_days"."""
        return str(self.facts["parameter"])

    @property
    def rule(self) -> str | None:
        """The name of the test that was told it (the first of several); None where none was asked for."""
        rule = self.facts.get("rule")
        return None if rule is None else str(rule)

    def in_language(self, translate: Callable[[str], str]) -> tuple[str, str]:
        """Message and hint, each translated, with the title and what is allowed."""
        facts = {**self.facts, **{name: translate(str(self.facts[name])) for name in ("title", "kind")}}
        return translate(self._message).format(**facts), translate(self._hint).format(**facts)


class ConflictError(ManagerNbError):
    """A restore plan has conflicts that nobody has decided."""


class MomentError(ManagerNbError, ValueError):
    """What was given is no moment: a time without a zone, an unknown zone, something else."""


class TargetError(ManagerNbError):
    """The file or folder that was to be written cannot be."""


class TargetExistsError(TargetError):
    """It is there already; an existing file is never overwritten."""


class TargetUnwritableError(TargetError):
    """The operating system does not let us write there."""


class DiskFullError(TargetError):
    """There is no room left."""


class BusinessNameError(TargetError):
    """Manager could not use that name."""


class VerificationError(ManagerNbError):
    """What was written is not what was meant; it has been removed."""


class ServerError(ManagerNbError):
    """Something is wrong with a Manager server, or with the way there."""


class ServerAddressError(ServerError):
    """The address is none, or a password would go there unencrypted."""


class ServerUnreachableError(ServerError):
    """It does not answer, or the connection broke."""


class CertificateError(ServerError):
    """It cannot prove that it is the one that was named."""


class NotManagerError(ServerError):
    """Something else answers there, or it answers as Manager does not."""


class SignInError(ServerError):
    """It does not take the user and the password."""


class SecondFactorError(SignInError):
    """It asks for the code of a second factor."""


class NotAllowedError(ServerError):
    """The user may not do that there."""


class UnknownBusinessError(ServerError):
    """It has no business of that name, or does not show it to this user."""


class ServerBusyError(ServerError):
    """Another backup of the business is being made there."""


class TornCopyError(ServerError):
    """No download could be proven to be a consistent copy."""


class ServerFailedError(ServerError):
    """It failed, or did not do what it was asked."""


class CancelledError(ManagerNbError):
    """The user cancelled; nothing was left behind."""


class NewerSchemaWarning(UserWarning):
    """The file was written by a newer Manager; fields and types unknown here are kept as they are."""
