"""Pictures turned, resized, sheared, moved and seen aslant, all at once by one matrix."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from yolodash.data.augment.boxes import Boxes
from yolodash.data.augment.letterbox import GREY
from yolodash.structures import Image, ImageSize

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Affine:
    """What is done about the middle of the picture, in this order.

    Attributes:
        size: of the result; the middle of the picture comes to its middle, so that a larger picture is cropped.
        perspective_x, perspective_y: how much smaller things get to the right and downwards, a pixel.
        angle: degrees anticlockwise.
        scale: factor.
        shear_x, shear_y: degrees.
        shift_x, shift_y: to the right and downwards, as shares of the result.
    """

    size: ImageSize
    perspective_x: float = 0.0
    perspective_y: float = 0.0
    angle: float = 0.0
    scale: float = 1.0
    shear_x: float = 0.0
    shear_y: float = 0.0
    shift_x: float = 0.0
    shift_y: float = 0.0


def affine(image: Image, boxes: Boxes, parameters: Affine) -> tuple[Image, Boxes]:
    """Warp a picture, and bound each of its boxes after the warp.

    Returns:
        a picture of ``parameters.size``, grey where nothing of the old one reaches, and the boxes, not clipped.
    """
    before, size = ImageSize(image.shape[0], image.shape[1]), parameters.size
    matrix = matrix_of(parameters, before)
    if before == size and np.array_equal(matrix, np.eye(3)):
        return image, boxes
    return warped(image, matrix, size), bounds(boxes, matrix)


def matrix_of(parameters: Affine, before: ImageSize) -> Matrix:
    """The 3 × 3 matrix from positions in the old picture to positions in the new one; (0, 0) is the outer corner."""
    size = parameters.size
    middle = _moved(-before.width / 2, -before.height / 2)
    slanted = np.array([[1, 0, 0], [0, 1, 0], [parameters.perspective_x, parameters.perspective_y, 1]], np.float64)
    cosine, sine = (part(math.radians(parameters.angle)) * parameters.scale for part in (math.cos, math.sin))
    turned = np.array([[cosine, sine, 0], [-sine, cosine, 0], [0, 0, 1]], np.float64)
    along_x, along_y = (math.tan(math.radians(angle)) for angle in (parameters.shear_x, parameters.shear_y))
    sheared = np.array([[1, along_x, 0], [along_y, 1, 0], [0, 0, 1]], np.float64)
    back = _moved((0.5 + parameters.shift_x) * size.width, (0.5 + parameters.shift_y) * size.height)
    return np.asarray(back @ sheared @ turned @ slanted @ middle)


def warped(image: Image, matrix: Matrix, size: ImageSize) -> Image:
    """The picture through the matrix, bilinear.

    OpenCV counts from the middle of the first pixel, boxes from its corner.
    """
    own = _moved(-0.5, -0.5) @ matrix @ _moved(0.5, 0.5)
    to, grey = (size.width, size.height), (GREY, GREY, GREY)
    if np.array_equal(matrix[2], [0, 0, 1]):
        return np.asarray(cv2.warpAffine(image, own[:2], dsize=to, borderValue=grey), np.uint8)
    return np.asarray(cv2.warpPerspective(image, own, dsize=to, borderValue=grey), np.uint8)


def bounds(boxes: Boxes, matrix: Matrix) -> Boxes:
    """The boxes about the four corners of each box after the matrix: ``(N, 4)`` → ``(N, 4)``."""
    corners = boxes[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 4, 2)
    whole = np.concatenate([corners, np.ones((len(boxes), 4, 1))], axis=2) @ matrix.T  # (N, 4, 3)
    places = whole[..., :2] / whole[..., 2:]
    return np.concatenate([places.min(axis=1), places.max(axis=1)], axis=1)


def _moved(x: float, y: float) -> Matrix:
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], np.float64)
