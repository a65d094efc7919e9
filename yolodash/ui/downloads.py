"""What one can take away."""

from __future__ import annotations

from yolodash.models.catalogue import InstalledModel
from yolodash.structures import Selection, Thresholds
from yolodash.ui.caching import NetworkInput, Prediction
from yolodash.ui.pictures import Photo


def show(
    model: InstalledModel,
    photo: Photo,
    network_input: NetworkInput,
    prediction: Prediction,
    selection: Selection,
    thresholds: Thresholds,
) -> None:
    """Downloads."""
