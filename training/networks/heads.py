"""From a base's maps to breeds: pooling or flatten, then one or more dense layers."""

from typing import Any, Literal, get_args

import keras

from training.networks.weights import UnknownNetwork

Join = Literal["pooling", "flatten"]
JOINS = get_args(Join)


def study_network(base: Any, *, classes: int, join: Join, dense: tuple[int, ...] = ()) -> Any:
    """Put a fresh head on a frozen base: VGG16 flatten, ResNet50 pooling, and so on.

    Returns:
        Model: uint8 [N, px, px, 3] → probabilities float32 [N, classes].
    """
    features = features_network(base, join)
    return _chain(features, head_network(features.output.shape[-1], classes, dense))


def attach(base: Any, join: Join, head: Any) -> Any:
    """Put a head that was trained on the base's features back on the base; same shapes as `study_network`."""
    return _chain(features_network(base, join), head)


def features_network(base: Any, join: Join) -> Any:
    """What a frozen base knows of a photo: uint8 [N, px, px, 3] → float32 [N, D]; computed once, no head needed."""
    if join not in JOINS:
        raise UnknownNetwork(f"unknown join {join!r}; there are: {', '.join(JOINS)}")
    joined = {
        "pooling": keras.layers.GlobalAveragePooling2D(dtype="float32", name="pooling"),
        "flatten": keras.layers.Flatten(dtype="float32", name="flatten"),
    }[join]
    return keras.Model(base.input, joined(base.output), name=f"{base.name}_{join}")


def head_network(features_dim: int, classes: int, dense: tuple[int, ...] = ()) -> Any:
    """ReLU layers, then the softmax: features float [N, features_dim] → probabilities float32 [N, classes]."""
    features = keras.Input((features_dim,), name="features")
    node = features
    for number, units in enumerate(dense, 1):
        node = keras.layers.Dense(units, activation="relu", name=f"dense{number}")(node)
    probabilities = keras.layers.Dense(classes, activation="softmax", dtype="float32", name="breeds")(node)
    return keras.Model(features, probabilities, name="head")


def _chain(features: Any, head: Any) -> Any:
    return keras.Model(features.input, head(features.output), name=features.name)
