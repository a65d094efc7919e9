"""Let others in: the address on the local network, as a link and as a QR code, or how to switch it on."""

from __future__ import annotations

import streamlit as st

from yolodash.serving.doors import Way
from yolodash.serving.sharing import how_to_share, qr_code, shared_link
from yolodash.ui.entrance import who
from yolodash.ui.i18n import _


def show() -> None:
    """The link while the server listens on the network, else the commands that make it."""
    st.subheader(_("Share"), anchor=False)
    port = int(st.get_option("server.port"))
    link = shared_link(st.get_option("server.address"), port, st.get_option("server.baseUrlPath") or "")
    if link is None:
        st.write(_("Only this computer can open YoloDash now. Two commands let your network in:"))
        st.code(how_to_share(port), language="sh", wrap_lines=True)
        st.caption(_("Behind a proxy, or for good: see docs/deploy.md."))
        return
    code, words = st.columns([1, 3], gap="large", vertical_alignment="center")
    code.image(qr_code(link), width=220)
    with words:
        st.markdown(f"**[{link}]({link})**")
        st.write(meaning(who.door().way))


def meaning(way: Way) -> str:
    """What it means that others reach the server, in a sentence."""
    if way is Way.OPEN:
        return _("Everyone on your network who opens this link may do what you may.")
    return _("Everyone on your network can open this link; what they may do there, their password says.")
