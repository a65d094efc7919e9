"""A picture on which boxes are drawn, in the browser, and what is to be kept of it.

canvas.show(shown, key="annotate")
message = canvas.take("annotate")  # what the browser wants kept, or None
"""

from yolodash.ui.canvas.component import Reply, ShownPicture, show, take
from yolodash.ui.canvas.messages import DrawnBox, Message

__all__ = ["DrawnBox", "Message", "Reply", "ShownPicture", "show", "take"]
