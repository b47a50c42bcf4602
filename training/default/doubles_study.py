"""What it costs, and saves, to be surer of a breed that has doubles: docs/decisions/0026-doubles.md has the table.

Command   python -m training.default.doubles_study DATA WORK ELSEWHERE
Data      as for the default recipe; WORK, its work folder; ELSEWHERE, photos of known and of unknown breeds. The model
          that ships is calibrated again on the half of the validation photos that it was calibrated on, with each share
          of untypical photos, without doubles and with them; then the test photos and those from elsewhere are asked.
Time      about 2 minutes on two cores
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from inference.model.backbone import open_backbone
from inference.model.head import Head
from inference.settings import Engine
from inference.store.folder_store import SHIPPED, ModelStore
from training.data.read.dataset import read_photos
from training.default.model import halves, split_photos
from training.evaluation.answers import Answers
from training.evaluation.metrics import TOLD_AS_CERTAIN, measure_answers
from training.features.labelled_features import LabelledFeatures, extract
from training.heads.calibrate import typical_threshold
from training.recipes.default import RECIPE as PLAN

SHARES = (0.05, 0.07, 0.1, 0.13, 0.16, 0.18, 0.2)  # of sure and right answers that are made unsure


def main() -> None:
    """Print a table, one row a share."""
    data, work, elsewhere = map(Path, sys.argv[1:])
    store = ModelStore(SHIPPED)
    artefact = store.head(store.pointer().model)
    backbone = store.backbone(artefact.backbone_id)
    network, fit = open_backbone(backbone, Engine.AUTO), backbone.preprocessing.decode
    split = split_photos(PLAN, read_photos(data), work)
    _, calibrating = halves(extract(network, split.validation, fit, "validation photos"))
    test = extract(network, split.test, fit, "test photos")
    strange = extract(network, read_photos(elsewhere), fit, "photos from elsewhere")
    network.close()
    known = np.isin(strange.labels, artefact.head().labels)
    parts = (test, LabelledFeatures(strange.features[known], strange.labels[known]))
    table = Table("made unsure", "doubles", "unknown breed sure", "right kept", "elsewhere", "ECE", "elsewhere")
    for share in SHARES:
        for doubles in ((), artefact.head().calibration.doubles):
            head = _calibrated(artefact.head(), doubles, calibrating, share)
            answers = [_answers(head, part) for part in parts]
            kept = [(one.confidence[one.right, 0] >= TOLD_AS_CERTAIN).mean() for one in answers]
            errors = [measure_answers(one, resamples=0).ece for one in answers]
            sure = [one.top[0].confidence >= TOLD_AS_CERTAIN for one in head.predictions(strange.features[~known])]
            numbers = [f"{number:.3f}" for number in (np.mean(sure), *kept, *errors)]
            table.add_row(f"{share:.0%}", "yes" if doubles else "no", *numbers)
    Console(width=120).print(table)


def _answers(head: Head, part: LabelledFeatures) -> Answers:
    return Answers.of_predictions(part.labels.tolist(), head.predictions(part.features))


def _calibrated(head: Head, doubles: tuple[float, ...], part: LabelledFeatures, share: float) -> Head:
    plain = head.calibrated(replace(head.calibration, doubles=doubles, typical_from=None))
    said = _answers(plain, part)
    typicality = plain.typicality(part.features[said.right])
    typical_from = typical_threshold(typicality, said.confidence[said.right, 0], share)
    return plain.calibrated(replace(plain.calibration, typical_from=typical_from))


if __name__ == "__main__":
    main()
