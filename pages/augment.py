"""Augment: more pictures from those that there are, with boxes that go along."""

from yolodash.ui import messages, shell
from yolodash.ui.augmenting import page

shell.enter()
with messages.shown():
    page.show()
