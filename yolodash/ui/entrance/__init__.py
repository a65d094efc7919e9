"""The way in: who somebody is, which pages are open to them, and what is theirs."""

from yolodash.ui.entrance.navigation import admit, navigation
from yolodash.ui.entrance.who import allowance, may, require, require_known, role, shut

__all__ = ["admit", "allowance", "may", "navigation", "require", "require_known", "role", "shut"]
