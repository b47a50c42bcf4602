"""A network that sees colours, and photos in which dogs are coloured squares: every answer is known beforehand."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from core.breeds.catalogue import NOT_A_DOG
from inference.look.together import Looked, OpenPhoto, look
from inference.model.backbone import Features
from inference.model.classifier import Classifier
from inference.model.head import Calibration, Head
from inference.photo.preprocess import Preprocessing

LABELS = ("beagle", "pug", NOT_A_DOG)
COLOURS = {"beagle": (255, 0, 0), "pug": (0, 255, 0), NOT_A_DOG: (0, 0, 255)}
CELL_PX = 32
LIKE_THE_SHIPPED = Preprocessing(224, 224)


class ColourNetwork:
    """Features are the mean colour, 0-1; a map has a cell for every 32 pixels."""

    engine = "colours"
    batch_sizes = (1, 8)
    scans = True

    def __init__(self) -> None:
        self.seen: list[tuple[int, ...]] = []

    def features(self, batch: NDArray[np.uint8], *, maps: bool = False) -> Features:
        self.seen.append(batch.shape)
        count, height, width, _ = batch.shape
        cells = batch.reshape(count, height // CELL_PX, CELL_PX, width // CELL_PX, CELL_PX, 3) / np.float32(255)
        positions = cells.mean((2, 4), dtype=np.float32)
        return Features(positions.mean((1, 2)), positions if maps else None)

    def close(self) -> None:
        """Nothing to free."""


def colour_head(sharpness: float = 12.0) -> Head:
    weights = np.eye(3, dtype=np.float32) * sharpness
    return Head("colours-head", "colours", LABELS, weights, np.zeros(3, np.float32), Calibration(1.0, 0.4, 0.6))


def colour_classifier() -> Classifier:
    return Classifier(ColourNetwork(), colour_head(), LIKE_THE_SHIPPED)


def painted(size: tuple[int, int], **dogs: tuple[int, int, int]) -> Image.Image:
    """A photo of nothing, with each breed as a square: left, top and side, in pixels."""
    image = Image.new("RGB", size, COLOURS[NOT_A_DOG])
    for breed, (left, top, side) in dogs.items():
        ImageDraw.Draw(image).rectangle((left, top, left + side - 1, top + side - 1), fill=COLOURS[breed])
    return image


def looked_at(image: Image.Image, classifier: Classifier | None = None) -> Looked:
    classifier = classifier or colour_classifier()
    [looked] = look(classifier, [OpenPhoto.of_image(image, classifier.preprocessing)], classifier.second)
    return looked
