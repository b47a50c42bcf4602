"""The trials of the study of breeds: features once, then a head for each choice of breeds, then what they say together.

Every finished trial is kept, so a killed run goes on where it was.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track
from threadpoolctl import threadpool_limits

from core.atomic_file import write_whole
from core.breeds.catalogue import NOT_A_DOG
from inference.model.artefact import BackboneArtefact, sha256
from inference.model.backbone import open_backbone
from inference.settings import Engine
from inference.worker.settings import available_cores
from training.data.read.dataset import DatasetError, LabelledPhoto, fingerprint, read_photos
from training.data.read.split import Split
from training.features.extractor import Extractor, ServingExtractor
from training.features.feature_cache import FeatureCache
from training.features.labelled_features import LabelledFeatures
from training.recipe import RunContext
from training.studies.breeds.findings import Findings, find
from training.studies.breeds.look_alikes import LookAlikes, find_look_alikes
from training.studies.breeds.page import breeds_page
from training.studies.breeds.plots import breeds_plots
from training.studies.breeds.recipe import BreedsStudy
from training.studies.breeds.shipped_photos import shipped_photos
from training.studies.breeds.subset_trial import Parts, Trial, TrialPlan, try_subset
from training.studies.breeds.trial_plans import trial_plans
from training.tracking.tracking import DatasetNote

RESULTS, PAGE = "results.json", "breeds-study.md"


@dataclass(frozen=True, slots=True)
class _Material:
    """Photos of dogs, the id of the network that looks at them, and what it sees."""

    backbone: str
    dataset: DatasetNote
    split: Split
    parts: Callable[[], Parts]


def run_breeds_study(study: BreedsStudy, name: str, context: RunContext) -> str:
    """Run what has not been run; the folder below ``context.work`` is named by all that a trial depends on.

    Without photos and weights the features that ship with the model that answers now are studied.

    Returns:
        One line.

    Raises:
        DatasetError: the photos cannot be used.
    """
    shipped = context.data is None and context.backbone_weights is None
    material = _shipped(context) if shipped else _from_photos(study, context)
    folder = context.work / _key(study, material)
    with context.tracking.run(name, asdict(study), {"backbone": material.backbone}, folder) as tracked:
        tracked.dataset(material.dataset)
        findings = conduct(study, material.split, material.parts().reduced(study.keep), folder)
        files = write_findings(study, findings, material.backbone, folder, shipped=shipped)
        tracked.metrics({f"accuracy_{one.kind}_{one.size}": one.top1.value for one in findings.points})
        tracked.files(files)
    fall = findings.fall
    return f"{name}: accuracy falls by {fall.total.value:.3f} from {fall.fewest} to {fall.most} breeds; {folder / PAGE}"


def conduct(study: BreedsStudy, split: Split, parts: Parts, folder: Path) -> Findings:
    """Every trial that is not kept in ``folder`` yet, then what they say together.

    Raises:
        DatasetError: there are fewer breeds than the study compares, or a breed without test photos.
    """
    breeds = tuple(sorted({photo.breed for photo in split.train}))
    if len(breeds) <= max(study.sizes):
        raise DatasetError(f"{len(breeds)} breeds with photos: sizes={study.sizes} needs more than {max(study.sizes)}")
    for part, labels in (("validation", parts.validation.labels), ("test", parts.test.labels)):
        if without := sorted(set(breeds) - set(labels.tolist())):
            raise DatasetError(
                f"no {part} photos of {', '.join(without)}: a breed needs three groups of photos at least"
            )
    (folder / "trials").mkdir(parents=True, exist_ok=True)
    alike = _look_alikes(study, split, parts, breeds, folder)
    plans = trial_plans(study, breeds, alike)
    # One trial a core: most are too small to be shared out among threads.
    with threadpool_limits(1), ThreadPoolExecutor(available_cores()) as threads:
        made = threads.map(lambda plan: _trial(plan, study, parts, folder / "trials"), plans)
        trials = list(track(made, "trials", total=len(plans), console=Console(stderr=True)))
    return find(study, trials, parts.test.labels, alike)


def _trial(plan: TrialPlan, study: BreedsStudy, parts: Parts, folder: Path) -> Trial:
    file = folder / f"{plan.name}.json"
    trial = Trial.read(file, plan)
    if trial is None:
        trial = try_subset(plan, parts, study.penalties)
        trial.write(file)
    return trial


def write_findings(
    study: BreedsStudy, findings: Findings, backbone: str, folder: Path, *, shipped: bool = False
) -> list[Path]:
    """Numbers, plots and the page, each as a whole; of features that ship or others. Returns: the files."""
    told = {"backbone": backbone, "settings": asdict(study), **findings.to_json()}
    contents = {RESULTS: (json.dumps(told, indent=1) + "\n").encode()}
    contents |= {f"breeds-{name}.png": drawn for name, drawn in breeds_plots(findings).items()}
    contents[PAGE] = breeds_page(study, findings, backbone, shipped=shipped).encode()
    for name, content in contents.items():
        write_whole(folder / name, content)
    return [folder / name for name in contents]


def _look_alikes(study: BreedsStudy, split: Split, parts: Parts, breeds: tuple[str, ...], folder: Path) -> LookAlikes:
    file = folder / f"look-alikes-{study.folds}-{study.fold_l2:g}.json"
    if file.exists():
        return LookAlikes.read(file)
    found = find_look_alikes(
        parts.train.features, split.train, breeds,
        folds=study.folds, l2=study.fold_l2, seed=study.seed, scale=parts.scale,
    )  # fmt: skip
    found.write(file)
    return found


def _shipped(context: RunContext) -> _Material:
    artefact = _answering(context)
    split, parts = shipped_photos(artefact)
    dataset = sha256(artefact.folder / "exemplars.npz") + sha256(artefact.folder / "golden.npz")
    note = DatasetNote("shipped", hashlib.sha256(dataset.encode()).hexdigest(), str(artefact.folder))
    return _Material(artefact.id, note, split, lambda: parts)


def _from_photos(study: BreedsStudy, context: RunContext) -> _Material:
    photos = read_photos(context.photos)
    extractor = _extractor(study, context)
    split = _dogs(_split(study, photos, context.work))
    note = DatasetNote(context.photos.name, fingerprint(photos), str(context.photos))
    return _Material(extractor.id, note, split, lambda: _parts(extractor, split, FeatureCache(context.feature_folder)))


def _answering(context: RunContext) -> BackboneArtefact:
    """The network of the shipped or promoted model."""
    store = context.models
    return store.backbone(store.head(store.pointer().model).backbone_id)


def _extractor(study: BreedsStudy, context: RunContext) -> Extractor:
    """The shipped or promoted model's backbone, or ResNet50 with weights of one's own."""
    if context.backbone_weights is not None:
        from training.features.base_features import ServedResNet50  # noqa: PLC0415 (imports Keras)
        from training.pictures.image_steps import ImageSteps  # noqa: PLC0415 (as above)

        return ServedResNet50("pooling", context.backbone_weights, study.preprocessing, ImageSteps(), study.seed)
    artefact = _answering(context)
    return ServingExtractor(artefact.id, open_backbone(artefact, Engine.AUTO), artefact.preprocessing.decode)


def _split(study: BreedsStudy, photos: Sequence[LabelledPhoto], work: Path) -> Split:
    """The default recipe's: wrong labels put right, copies and what the shipped backbone learned from kept apart."""
    from training.default.model import split_photos  # noqa: PLC0415 (imports Keras)
    from training.recipes.default import RECIPE  # noqa: PLC0415 (the same)

    work.mkdir(parents=True, exist_ok=True)
    plan = replace(RECIPE, validation=study.validation, test=study.test, seed=study.seed)
    return split_photos(plan, photos, work)


def _dogs(split: Split) -> Split:
    """Split first, leave out then: the default recipe's split has the others in it too."""
    train, validation, test = (
        [photo for photo in part if photo.breed != NOT_A_DOG] for part in (split.train, split.validation, split.test)
    )
    return Split(train, validation, test)


def _parts(extractor: Extractor, split: Split, cache: FeatureCache) -> Parts:
    photos = [*split.train, *split.validation, *split.test]
    features = cache.features(extractor, photos, title="features")
    labels = np.array([photo.breed for photo in photos])
    first, second = len(split.train), len(split.train) + len(split.validation)

    def part(rows: slice) -> LabelledFeatures:
        return LabelledFeatures(features[rows], labels[rows])

    return Parts(part(slice(first)), part(slice(first, second)), part(slice(second, None)))


def _key(study: BreedsStudy, material: _Material) -> str:
    """All that a trial depends on besides its plan."""
    numbers = study.penalties, study.validation, study.test, study.seed, study.keep
    return hashlib.sha256(f"{material.backbone} {material.dataset.fingerprint} {numbers}".encode()).hexdigest()[:12]
