"""The study's networks in Keras: from scratch, and a head on a frozen base; any backend (KERAS_BACKEND).

Every network takes uint8 [N, px, px, 3], RGB, 0–255 and does its base's own preprocessing itself.
"""

from training.networks.bases import BASES, base
from training.networks.extractor import KerasExtractor
from training.networks.heads import JOINS, Join, attach, features_network, head_network, study_network
from training.networks.params import ParamCounts, count_params
from training.networks.scratch import build_scratch
from training.networks.weights import DownloadFailed, NetworkError, UnknownNetwork, WeightsError

__all__ = [
    "BASES",
    "JOINS",
    "DownloadFailed",
    "Join",
    "KerasExtractor",
    "NetworkError",
    "ParamCounts",
    "UnknownNetwork",
    "WeightsError",
    "attach",
    "base",
    "build_scratch",
    "count_params",
    "features_network",
    "head_network",
    "study_network",
]
