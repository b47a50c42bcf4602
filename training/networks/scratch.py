"""The study's own network: three convolutions, and dense layers that hold 99.5 % of its parameters."""

from typing import Any

import keras

FILTERS = (32, 64, 128)
SMALLEST_PX = 22  # a smaller picture is used up before the last pooling


def build_scratch(
    classes: int = 5, input_px: int = 299, dense: tuple[int, ...] = (128, 64, 32), dropout: float = 0.5
) -> Any:
    """A fresh network; 20,174,277 parameters as the study's table has it, all trainable.

    Args:
        classes: width of the softmax.
        input_px: side of the square it takes.
        dense: ReLU layers before the softmax.
        dropout: share of values dropped behind each of them but the last, where the study has none.

    Returns:
        Model: uint8 [N, input_px, input_px, 3] → probabilities float32 [N, classes].

    Raises:
        ValueError: input_px is too small for three poolings.
    """
    if input_px < SMALLEST_PX:
        raise ValueError(f"input_px={input_px}: the network from scratch needs at least {SMALLEST_PX}")
    photos = keras.Input((input_px, input_px, 3), dtype="uint8", name="photos")
    node = keras.layers.Rescaling(1 / 255, name="rescaling")(photos)
    for number, filters in enumerate(FILTERS, 1):
        node = keras.layers.Conv2D(filters, 3, activation="relu", name=f"conv{number}")(node)
        node = keras.layers.MaxPooling2D(2, name=f"pool{number}")(node)
    node = keras.layers.Flatten(name="flatten")(node)
    for number, units in enumerate(dense, 1):
        node = keras.layers.Dense(units, activation="relu", name=f"dense{number}")(node)
        if number < len(dense) and dropout:
            node = keras.layers.Dropout(dropout, name=f"dropout{number}")(node)
    # float32 whatever the policy: probabilities in half precision do not sum to one.
    probabilities = keras.layers.Dense(classes, activation="softmax", dtype="float32", name="breeds")(node)
    return keras.Model(photos, probabilities, name="scratch")
