"""The picture with its boxes, thresholded, suppressed and drawn in the browser.

state = overlay.show(image, candidates, key="detect")
state.thresholds  # as the person has set them
state.pick  # what was clicked, or None
"""

from yolodash.ui.overlay.component import OverlayState, Pick, show

__all__ = ["OverlayState", "Pick", "show"]
