"""The way in: who somebody is, which pages are open to them, and what is theirs."""

from yolodash.ui.entrance.links import page_link
from yolodash.ui.entrance.navigation import admit, navigation
from yolodash.ui.entrance.who import allowance, may, require, require_known, role, shut, told_if_closed

__all__ = [
    "admit",
    "allowance",
    "may",
    "navigation",
    "page_link",
    "require",
    "require_known",
    "role",
    "shut",
    "told_if_closed",
]
