"""The way in: who somebody is, which pages are open to them, and what is theirs."""

from yolodash.ui.entrance.navigation import admit, navigation
from yolodash.ui.entrance.who import may, require, role, shut

__all__ = ["admit", "may", "navigation", "require", "role", "shut"]
