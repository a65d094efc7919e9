"""A picture from the camera, the way to the live one, and a sentence where a browser gives none."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from yolodash.ui import inputs, messages
from yolodash.ui.i18n import _
from yolodash.ui.video import source

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def show() -> None:
    """Folded; a picture goes to the page for pictures."""
    with st.expander(_("Camera"), icon=":material/photo_camera:"):
        if not is_secure(st.context.url or ""):
            st.info(
                _(
                    "Browsers give a camera only to pages that come by HTTPS, or from this very machine. Ask whoever "
                    "runs this server for an address that begins with https, or run YoloDash on your own machine."
                ),
                icon=":material/lock:",
            )
            return
        if st.button(_("Live camera"), icon=":material/videocam:", key="video_live", width="stretch"):
            source.open_subject(source.CAMERA)
            st.rerun()
        if st.toggle(_("Use the camera"), key="video_camera"):
            shot = st.camera_input(_("Take a picture"), key="video_shot", label_visibility="collapsed")
            if shot is not None:
                for refusal in inputs.keep([(_("camera") + ".jpg", shot.getvalue())]):
                    messages.show(refusal)
                st.page_link(
                    "pages/detect_image.py", label=_("See what the model finds on it"), icon=":material/image_search:"
                )


def is_secure(url: str) -> bool:
    """Whether a browser lets a page of this address use the camera."""
    parts = urlsplit(url)
    return parts.scheme in ("https", "") or (parts.hostname or "") in _LOOPBACK
