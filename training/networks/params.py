"""How large a network is."""

import math
from typing import Any, NamedTuple


class ParamCounts(NamedTuple):
    """Parameters: all, those that training changes, and those that it leaves alone."""

    total: int
    trainable: int
    frozen: int


def count_params(model: Any) -> ParamCounts:
    """Count a built Keras model; the seeds of its Dropout layers are no parameters."""
    total, trainable = (
        sum(math.prod(variable.shape) for variable in variables)
        for variables in (model.weights, model.trainable_weights)
    )
    return ParamCounts(total, trainable, total - trainable)
