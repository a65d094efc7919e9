"""The words of what shows a camera, in the language of the session."""

from __future__ import annotations

from yolodash.ui.i18n import _
from yolodash.ui.overlay.texts import texts as overlay_texts


def problems() -> dict[str, str]:
    """Why there is no picture, and what to do; ``{host}`` and ``{port}`` are filled in the browser."""
    return {
        "camera_insecure": _(
            "This page came from another machine without HTTPS, and to such pages browsers give no camera. Ask whoever "
            "runs the server for an address that begins with https, or make a tunnel: run "
            "“ssh -L {port}:localhost:{port} {host}” and open http://localhost:{port}."
        ),
        "camera_denied": _(
            "The browser does not allow this page the camera. Allow it at the left end of the address bar, or in the "
            "system's settings, then try again."
        ),
        "camera_missing": _("This computer shows the browser no camera. Plug one in, then try again."),
        "camera_busy": _("Another program has the camera. Close it there, then try again."),
        "camera_ended": _("The camera was unplugged or taken by another program. Start it again."),
    }


def texts() -> dict[str, str]:
    """Every text that the live view can show."""
    own = {
        "start": _("Start the camera"),
        "stop": _("Stop the camera"),
        "keep": _("Ask why"),
        "keep_help": _("Open the picture of these boxes on the page for pictures, with its glass box"),
        "asking": _("The browser may ask whether this page may use the camera …"),
        "waking": _("The network looks at the first picture …"),
        "rate": _("{rate} frames a second"),
        "latency": _("latency {latency} ms · network {network} ms"),
        "latency_help": _("Latency: from taking a picture to drawing its boxes, the network's own time included"),
        "private": _("Pictures go to this server only, one at a time; none is stored unless you ask why."),
        "view": _("What the camera sees, with detections"),
    }
    return {**overlay_texts(), **problems(), **own}
