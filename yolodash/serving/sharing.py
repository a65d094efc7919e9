"""How others on the local network reach this server: its address, as text and as a QR code."""

from __future__ import annotations

import io
import ipaddress
import socket

import segno

from yolodash.serving.doors import is_loopback

_SOMEWHERE = ("192.0.2.1", 9)  # of RFC 5737, for documentation: nothing is sent there


def local_address() -> str | None:
    """The address that this machine has on its network; None where it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_SOMEWHERE)  # of a datagram socket: chooses a way out, sends nothing
            found = str(probe.getsockname()[0])
        except OSError:
            return None
    return None if ipaddress.ip_address(found).is_loopback else found


def shared_link(listens: str | None, port: int, path: str = "") -> str | None:
    """The link by which others on the network come here; None where the server listens to this machine alone.

    Args:
        listens: the address that the server listens on; None or 0.0.0.0: on all.
        port: of the server.
        path: in front of its pages.
    """
    if listens and is_loopback(listens):
        return None
    address = local_address() if listens in (None, "", "0.0.0.0", "::") else listens
    if address is None:
        return None
    host = f"[{address}]" if ":" in address else address
    ending = path.strip("/")
    return f"http://{host}:{port}/" + (f"{ending}/" if ending else "")


def how_to_share(port: int) -> str:
    """The commands that let others on the network in."""
    address = local_address() or "ADDRESS"
    return (
        "python -m yolodash access set trainer\n"
        f"streamlit run app.py --server.port {port} --server.address 0.0.0.0 "
        f"--server.allowedHosts localhost --server.allowedHosts {address}"
    )


def qr_code(link: str) -> bytes:
    """A link as a QR code: PNG, black on white with the margin that cameras need."""
    picture = io.BytesIO()
    segno.make(link, error="m", micro=False).save(picture, kind="png", scale=6, border=4)
    return picture.getvalue()
