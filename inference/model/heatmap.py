"""The evidence for an answer, painted over the whole photo: warm where the network saw what it names.

What was looked at is framed, the rest is dim; a scale below goes from no evidence to the most. Where two answers are
held against each other, one is orange and the other blue, and the scale goes from the most for the one to the most for
the other.

The map is exact (`Head.activation_map`); only its colours are a matter of taste.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.prediction import WHOLE_PHOTO, Box
from inference.photo.frames import Frame, draw_frames
from inference.photo.preprocess import Preprocessing, Region, seen_box, seen_region
from inference.photo.viewing_copy import padded

LIMIT_PX = 1024  # long side of the painted photo
_STRENGTH = 0.65  # opacity of the strongest evidence
_DIMMED = 0.45  # brightness of what the network never saw
_PAPER = 200  # grey under the scale
SCALE_GAP_PX = 4
_ANCHORS = np.array([[13, 8, 135], [126, 3, 168], [204, 71, 120], [248, 149, 64], [240, 249, 33]], np.float32)
"""Plasma (Smith & van der Walt 2015, CC0): equal steps of evidence look like equal steps, colour-blind or not."""
_SIDES = np.array([[5, 48, 140], [67, 147, 215], [247, 247, 247], [253, 174, 80], [230, 97, 1]], np.float32)
"""From the one to the other: blue and orange are told apart by the colour-blind, too."""


def paint(
    photo: NDArray[np.uint8],
    evidence: NDArray[np.float32],
    preprocessing: Preprocessing,
    box: Box = WHOLE_PHOTO,
    *,
    contrast: bool = False,
) -> Image.Image:
    """Paint a map over a photo.

    Args:
        photo: uint8 [H, W, 3], RGB, upright, as `decode` gives it.
        evidence: float32 [h, w], in logits; what speaks against the answer (below 0) stays unpainted.
        preprocessing: how the network saw the photo.
        box: what it saw of it, if that was no whole photo.
        contrast: what is below 0 speaks for another answer, and is painted, too.

    Returns:
        RGB, at most `LIMIT_PX` on its long side, with white beside it where it would be too narrow to be sent.
    """
    image = Image.fromarray(photo)
    image.thumbnail((LIMIT_PX, LIMIT_PX), Image.Resampling.LANCZOS)
    if box == WHOLE_PHOTO:
        region = seen_region(image.width, image.height, preprocessing)
    else:
        left, top = box.left * image.width, box.top * image.height
        region = Region(left, top, left + box.width * image.width, top + box.height * image.height)
    shown = evidence if contrast else np.maximum(evidence, 0)
    strength, seen = _spread(shown, image.size, region)
    pixels = np.asarray(image, np.float32) * np.where(seen, 1.0, _DIMMED)[..., None]
    opacity = _STRENGTH * np.abs(strength)[..., None]
    colours = _colours(strength, contrast=contrast)
    painted = Image.fromarray(np.rint(pixels * (1 - opacity) + colours * opacity).astype(np.uint8))
    if not seen.all():
        draw_frames(painted, [Frame(box if box != WHOLE_PHOTO else seen_box(*painted.size, preprocessing))])
    return padded(_with_scale(painted, contrast=contrast))


def _with_scale(image: Image.Image, *, contrast: bool) -> Image.Image:
    """With a bar below it, from no evidence, or the most for the other answer, to the most."""
    height = max(8, image.height // 25)
    shares = np.linspace(-1 if contrast else 0, 1, max(2, image.width), dtype=np.float32)
    opacity = _STRENGTH * np.abs(shares)[:, None]
    bar = np.rint(_PAPER * (1 - opacity) + _colours(shares[None], contrast=contrast)[0] * opacity).astype(np.uint8)
    below = Image.fromarray(np.ascontiguousarray(np.broadcast_to(bar, (height, *bar.shape))))
    framed = Image.new("RGB", (image.width, image.height + height + SCALE_GAP_PX), "white")
    framed.paste(image, (0, 0))
    framed.paste(below.resize((image.width, height)), (0, image.height + SCALE_GAP_PX))
    return framed


def _spread(
    evidence: NDArray[np.float32], size: tuple[int, int], region: Region
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Stretch a map over its region of a photo: strength float32 [H, W], 1 the most, and whether a pixel was seen."""
    shares = evidence / max(float(np.abs(evidence).max()), 1e-6)
    rows, seen_rows = _positions(size[1], region.top, region.bottom, evidence.shape[0])
    columns, seen_columns = _positions(size[0], region.left, region.right, evidence.shape[1])
    seen = seen_rows[:, None] & seen_columns[None, :]
    stretched = _between(_between(shares, rows).T, columns).T
    return np.where(seen, stretched, 0).astype(np.float32), seen


def _positions(pixels: int, start: float, end: float, cells: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Where each pixel of a side lies on the map, in cells between their centres; and whether it is inside."""
    share = (np.arange(pixels) + 0.5 - start) / (end - start)
    return np.clip(share * cells - 0.5, 0, cells - 1), (share >= 0) & (share <= 1)


def _between(values: NDArray[np.floating], rows: NDArray[np.float64]) -> NDArray[np.floating]:
    """Interpolate float [h, w] at fractional rows [H] → float [H, w]."""
    below = np.floor(rows).astype(int)
    above = np.minimum(below + 1, len(values) - 1)
    share = (rows - below)[:, None]
    mixed: NDArray[np.floating] = values[below] * (1 - share) + values[above] * share
    return mixed


def _colours(strength: NDArray[np.float32], *, contrast: bool) -> NDArray[np.float32]:
    anchors = _SIDES if contrast else _ANCHORS
    steps = np.linspace(-1 if contrast else 0, 1, len(anchors))
    return np.stack([np.interp(strength, steps, anchors[:, channel]) for channel in range(3)], -1).astype(np.float32)
