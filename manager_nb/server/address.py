"""The address of a server, as people type it or copy it from the browser."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from manager_nb.errors import ServerAddressError

_PORTS = {"http": 80, "https": 443}
_HERE = frozenset({"localhost", "ip6-localhost"})


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is.

    Attributes:
        scheme: "https" or "http".
        host: its name or number.
        port: its port.
    """

    scheme: str
    host: str
    port: int

    @property
    def url(self) -> str:
        """The address without a path."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == _PORTS[self.scheme] else f":{self.port}")

    @property
    def encrypted(self) -> bool:
        """Whether nobody on the way can read along."""
        return self.scheme == "https"

    @property
    def here(self) -> bool:
        """Whether it is this computer: then nothing travels."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host.lower() in _HERE


def address_of(typed: str, *, unencrypted: bool = False) -> Address:
    """The server that was typed; without ``http://`` before it an encrypted connection is meant.

    What stands behind the host, such as the page that the browser showed, is left out.

    Args:
        typed: the address.
        unencrypted: whether the password may travel so that others in the network can read it.

    Raises:
        ServerAddressError: it is no address, holds a password, or would not be encrypted.
    """
    text = typed.strip()
    if "@" in text:  # looked for in all of it: a password may hold what ends the name of the host, such as / or #
        raise ServerAddressError(
            "The address holds a user or a password.", hint="Give only the address; user and password go beside it."
        )
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    scheme, host = parts.scheme.lower(), parts.hostname
    if scheme not in _PORTS or not host or not _can_be_asked(host):
        raise ServerAddressError(
            "“{typed}” is no address of a server.",
            hint="Copy the address from the browser in which you use Manager, such as https://books.example.com.",
            typed=text,
        )
    address = Address(scheme, host, port or _PORTS[scheme])
    if not (address.encrypted or address.here or unencrypted):
        raise ServerAddressError(
            "The connection to {server} would not be encrypted: others in the network could read your password.",
            hint="Use an address that begins with https://. If there is none and you trust the network, say that an"
            " unencrypted connection is allowed.",
            server=address.url,
        )
    return address


def _can_be_asked(host: str) -> bool:
    """Whether the system can be asked for a host of that name: no sign that none has, no part empty or too long."""
    if any(sign.isspace() for sign in host):
        return False
    try:
        url = httpx.URL(scheme="https", host=host)
        return bool(url.host and url.raw_host.decode("ascii").encode("idna"))
    except (httpx.InvalidURL, UnicodeError):
        return False
