"""Backbone and head as one Keras network: what is exported for other programs."""

from typing import Any

import keras
import numpy as np

from inference.engine.keras import build_model
from inference.model.head import Head
from inference.model.network import Network


def whole_model(network: Network, head: Head) -> Any:
    """uint8 [N, input_px, input_px, 3], RGB, 0–255 → (probabilities float32 [N, labels], features float32 [N, D])."""
    backbone = build_model(network, "float32")
    features = keras.layers.Activation("linear", name="features", dtype="float32")(backbone.outputs[0])
    answer = keras.layers.Dense(len(head.labels), activation="softmax", name="probabilities", dtype="float32")
    model = keras.Model(backbone.input, [answer(features), features], name="breedbot")
    heat = np.float32(head.calibration.temperature)
    answer.set_weights([head.weights / heat, head.bias / heat])
    return model
