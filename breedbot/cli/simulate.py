"""`breedbot feedback simulate`: what review is worth, and what attacks come to."""
# ruff: noqa: PLC0415 - commands import what they need when they run

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breedbot.cli.app import Json, feedback_app
from breedbot.ops.terminal import CommandFailed, answer_json, progress, show, tell
from breedbot.serve.open import new_folder, open_store, read_settings

if TYPE_CHECKING:
    from breedbot.ops.settings import Configuration
    from training.data.read.labelled_photo import LabelledPhoto
    from training.features.extractor import Extractor


@feedback_app.command("simulate")
def feedback_simulate(
    data: Annotated[Path, typer.Option(metavar="DIR", help="DIR/<breed>/*: what people send.", show_default=False)],
    rounds: Annotated[int, typer.Option(min=1, help="Of claims, review, retrain and gate.")] = 10,
    users: Annotated[int, typer.Option(min=1, help="People who claim things.")] = 50,
    mix: Annotated[
        str,
        typer.Option(
            metavar="KIND=SHARE,…",
            help="What people are like: honest, sloppy, malicious; colluding=SHARE of the claims about one breed.",
        ),
    ] = "honest=.8,malicious=.2",
    seed: Annotated[int, typer.Option(help="Of the first repeat.")] = 1,
    repeats: Annotated[int, typer.Option(min=1, help="With other people, photos and victims.")] = 1,
    moderated: Annotated[int, typer.Option(min=0, help="Claims a round that a moderator decides, too.")] = 0,
    victim: Annotated[
        str | None, typer.Option(metavar="BREED", help="Whom they collude against; default: others in each repeat.")
    ] = None,
    attack: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="Instead: nine days of an attack on the model that answers now; repeat, or `all`."
        ),
    ] = None,
    report: Annotated[Path | None, typer.Option(metavar="DIR", help="Write plots and all numbers.")] = None,
    backbone_weights: Annotated[
        Path | None, typer.Option(metavar="FILE", help="See photos with these weights of ResNet50 instead.")
    ] = None,
    as_json: Json = False,
) -> None:
    """People of given reliability teach a model: what is it worth to review?

    Compares no protection, the trust policy and perfect review with true labels, on real photos.
    """
    from training.data.read.dataset import read_photos
    from training.evaluation.report.files import require_libraries
    from training.features.feature_cache import FeatureCache
    from training.learning.simulation.crowd import Mix
    from training.learning.simulation.listing import simulation_table
    from training.learning.simulation.photo_pool import Photos
    from training.learning.simulation.plots import write_simulation
    from training.learning.simulation.rules import Review, Rules
    from training.learning.simulation.simulate import simulate

    rules = Rules(rounds=rounds, users=users, mix=Mix.parse(mix), moderated=moderated, victim=victim)
    if report is not None:
        require_libraries()
    settings, folder = read_settings(), new_folder(report)
    photos = read_photos(data)
    extractor = _extractor(settings, backbone_weights)
    if attack:
        _besiege(settings, photos, extractor, attack, seed, as_json=as_json)
        return
    seen = Photos(photos, FeatureCache(settings.data_dir / "features").features(extractor, photos, title="features"))
    with progress("simulating", repeats * len(Review)) as step:
        found = simulate(seen, rules, range(seed, seed + repeats), step)
    if as_json:
        answer_json(found.to_json())
    else:
        show(simulation_table(found))
    for file in write_simulation(found, folder) if folder is not None else ():
        tell(f"wrote {file}")


def _besiege(
    settings: "Configuration",
    photos: "list[LabelledPhoto]",
    extractor: "Extractor",
    names: list[str],
    seed: int,
    *,
    as_json: bool,
) -> None:
    import numpy as np

    from training.features.feature_cache import FeatureCache
    from training.learning.gate.golden import Golden
    from training.learning.gate.labelled_rows import LabelledRows
    from training.learning.simulation.siege.attacks import AttackKind
    from training.learning.simulation.siege.made_photos import made_for
    from training.learning.simulation.siege.siege import Ground, Siege
    from training.learning.simulation.siege.siege_listing import siege_table

    if unknown := [name for name in names if name not in {*AttackKind, "all"}]:
        raise CommandFailed(f"no attack {unknown[0]!r}; there are all, {', '.join(AttackKind)}")
    kinds = list(AttackKind) if "all" in names else [AttackKind.NONE, *map(AttackKind, names)]
    store = open_store(settings)
    head = store.head(store.pointer().model)
    features = FeatureCache(settings.data_dir / "features").features(extractor, photos, title="features")
    rows = LabelledRows(np.asarray(features, np.float32), np.array([photo.breed for photo in photos]))
    backbone = store.backbone(head.backbone_id)
    made = made_for(kinds, photos, rows, backbone, extractor)
    ground = Ground.of(head.head(), Golden.of(backbone), rows, made)
    results = []
    with progress("attacking", len(kinds)) as step:
        for number, kind in enumerate(dict.fromkeys(kinds), 1):
            results.append(Siege(ground, kind, seed).play())
            step(number)
    if as_json:
        answer_json([one.to_json() for one in results])
    else:
        show(siege_table(results))


def _extractor(settings: "Configuration", weights: Path | None) -> "Extractor":
    """What sees the photos: the champion's backbone, or a ResNet50 that was not tuned on any of them."""
    if weights is not None:
        from inference.photo.preprocess import Preprocessing
        from training.features.base_features import ServedResNet50
        from training.pictures.image_steps import ImageSteps

        return ServedResNet50("pooling", weights, Preprocessing(), ImageSteps(), seed=1)
    from inference.model.backbone import open_backbone
    from training.features.extractor import ServingExtractor

    store = open_store(settings)
    artefact = store.backbone(store.head(store.pointer().model).backbone_id)
    return ServingExtractor(artefact.id, open_backbone(artefact, settings.engine), artefact.preprocessing.decode)
