"""Backbone and head as one Keras network: what is exported for other programs."""

from typing import Any

import keras
import numpy as np

from core.breeds.catalogue import NOT_A_DOG
from inference.engine.keras import build_model
from inference.model.head import UNTYPICAL_AT_MOST, Head
from inference.model.network import Network


def whole_model(network: Network, head: Head) -> Any:
    """uint8 [N, input_px, input_px, 3], RGB, 0–255 → (probabilities float32 [N, labels], features float32 [N, D]).

    The probabilities are those that people are told, `Head.told`.
    """
    backbone = build_model(network, "float32")
    features = keras.layers.Activation("linear", name="features", dtype="float32")(backbone.outputs[0])
    dense = keras.layers.Dense(len(head.labels), name="logits", dtype="float32")
    answer = keras.layers.Activation("linear", name="probabilities", dtype="float32")(told(dense(features), head))
    heat = np.float32(head.calibration.temperature)
    dense.set_weights([head.weights / heat, head.bias / heat])
    return keras.Model(backbone.input, [answer, features], name="breedbot")


def told(logits: Any, head: Head) -> Any:
    """`Head.told` in Keras, of logits divided by the temperature."""
    probabilities = keras.ops.softmax(logits)
    if head.calibration.typical_from is None:
        return probabilities
    is_breed = np.array([[label != NOT_A_DOG for label in head.labels]], np.float32)
    surest = keras.ops.max(probabilities * is_breed, axis=1, keepdims=True)
    breeds = logits - 1e6 * (1 - is_breed)
    best = keras.ops.max(breeds, axis=1, keepdims=True)
    named = keras.ops.cast(breeds >= best, "float32")  # Keras' argmax has operations that ONNX lacks
    against = keras.ops.logsumexp(logits - 1e6 * named, axis=1, keepdims=True)
    if head.calibration.doubles:
        odds = keras.ops.max(named * np.array([head.calibration.doubles], np.float32), axis=1, keepdims=True)
        of_doubles = best + keras.ops.log(keras.ops.maximum(odds, 1e-30))
        both = keras.ops.concatenate([against, of_doubles], axis=1)  # ONNX lacks what `logaddexp` is made of, too
        against = keras.ops.logsumexp(both, axis=1, keepdims=True)
    untypical = keras.ops.cast(2 * best - against < head.calibration.typical_from, "float32")
    bound = keras.ops.minimum(1.0, UNTYPICAL_AT_MOST / keras.ops.maximum(surest, 1e-30))
    return probabilities * (1 - untypical * (1 - bound) * is_breed)
