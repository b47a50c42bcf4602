"""Photos with their features, ready to be dealt."""

from pathlib import Path

from inference.backbone import open_backbone
from inference.model_store import ModelStore
from inference.preprocess import Preprocessing
from inference.settings import Engine
from training.data.dataset import read_photos
from training.features.extractor import Extractor, ServingExtractor
from training.features.feature_cache import FeatureCache
from training.trust.simulation.world import Photos


def photos_to_deal(folder: Path, store: ModelStore, engine: Engine, cache: Path, weights: Path | None) -> Photos:
    """Read, and compute what the cache lacks.

    Args:
        folder: photos, a folder a breed.
        store: whose champion's backbone sees them.
        engine: that runs it.
        cache: of features.
        weights: of ResNet50, to see them with instead: one that was not tuned on any of these photos.

    Raises:
        DatasetError: the photos cannot be used.
        ArtefactError, CacheError, NetworkError: backbone or cache cannot.
    """
    photos = read_photos(folder)
    return Photos(photos, FeatureCache(cache).features(_extractor(store, engine, weights), photos, title="features"))


def _extractor(store: ModelStore, engine: Engine, weights: Path | None) -> Extractor:
    if weights is not None:
        from training.features.base_features import ServedResNet50  # noqa: PLC0415 (imports Keras)
        from training.pictures.image_steps import ImageSteps  # noqa: PLC0415 (as above)

        return ServedResNet50("pooling", weights, Preprocessing(), ImageSteps(), seed=1)
    artefact = store.backbone(store.head(store.pointer().model).backbone_id)
    return ServingExtractor(artefact.id, open_backbone(artefact, engine), artefact.preprocessing.decode)
