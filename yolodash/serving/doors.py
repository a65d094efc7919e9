"""How people come in: alone on their own machine, by password, by a provider of identities, or not at all."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from yolodash.data.limits import demo
from yolodash.serving import identity, passwords, settings
from yolodash.serving.roles import Role, highest

_RELAYED = ("x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "via")
"""Headers that somebody sets who passes a request on; then it comes from elsewhere, whatever the server listens on."""


class Way(StrEnum):
    """How people come in."""

    ALONE = "alone"
    """Only this machine reaches the server."""
    PASSWORD = "password"
    IDENTITY = "identity"
    OPEN = "open"
    """The owner said that everyone may come."""
    CLOSED = "closed"
    """Others reach the server, and nothing says who may what."""


@dataclass(frozen=True)
class Door:
    """Attributes:
    way: how people come in.
    unasked: the role of who has shown nothing; None: must show something first.
    """

    way: Way
    unasked: Role | None


def door(address: str | None, headers: Mapping[str, str]) -> Door:
    """How who sent this request comes in.

    Args:
        address: that the server listens on; None: on all.
        headers: of the request.

    Raises:
        WorkspaceError: what says who may what is there and cannot be read.
    """
    if identity.configured():
        return Door(Way.IDENTITY, None)
    if known := passwords.kept():
        return Door(Way.PASSWORD, None if Role.VISITOR in known else Role.VISITOR)
    if settings.open_to_all() or demo():
        return Door(Way.OPEN, highest())
    if is_loopback(address or "") and is_local(headers):
        return Door(Way.ALONE, Role.TRAINER)
    return Door(Way.CLOSED, None)


def is_loopback(address: str) -> bool:
    """Whether an address or host name, with or without a port, can be this machine only."""
    host = address.strip().lower()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_local(headers: Mapping[str, str]) -> bool:
    """Whether a request that came over loopback was meant so: nobody passed it on, and it asks for this machine."""
    lower = {name.lower(): value for name, value in headers.items()}
    return not any(name in lower for name in _RELAYED) and is_loopback(lower.get("host", "localhost"))
