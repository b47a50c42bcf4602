"""How often each form of an answer appears, and is right, on photos that took no part in training (docs/answers.md)."""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest
from checkout import ROOT, SHARED
from view_samples import TOKEN, Stored

from bot.conversation.answer.view import Form, Shape, shape
from core.breeds.catalogue import NOT_A_DOG, catalogue
from inference.model.backbone import open_backbone
from inference.settings import Engine
from inference.store.folder_store import SHIPPED, ModelStore
from training.features.extractor import ServingExtractor, feature_rows

PAGE = ROOT / "docs" / "answers.md"
COUNT = r" \| (\d+)"
NEAR_A_THRESHOLD = 3  # photos that a CPU which computes in bf16 answers in another form than one which does in float32


@cache
def answers() -> list[tuple[str, Shape]]:
    """What each golden photo shows, and what is answered."""
    store = ModelStore(SHIPPED)
    artefact = store.head(store.pointer().model)
    features, labels = store.backbone(artefact.backbone_id).golden()
    predictions = artefact.head().predictions(features)
    stored = [Stored(one.kind, one.top, one.not_a_dog, TOKEN) for one in predictions]
    return [(str(label), shape(one)) for label, one in zip(labels, stored, strict=True)]


def right(truth: str, said: Shape) -> bool:
    """What the sentence says is true: the breed is one of those named, the group is its group, there is no dog."""
    if said.form is Form.NOT_A_DOG:
        return truth == NOT_A_DOG
    if said.form is Form.GROUP:
        return truth in catalogue() and catalogue()[truth].group == said.group
    return truth in [breed for breed, _ in said.shown]


def counts() -> dict[Form, tuple[int, int]]:
    """By form: photos, and right ones among them."""
    found: dict[Form, list[bool]] = defaultdict(list)
    for truth, said in answers():
        found[said.form].append(right(truth, said))
    return {form: (len(each), sum(each)) for form, each in found.items()}


def told() -> Iterator[tuple[Form, tuple[int, ...]]]:
    """The same, as the page has it: of validation photos; and from elsewhere, of breeds that are known, and others."""
    for form, row in zip(
        Form,
        re.findall(rf"^\| .*{6 * COUNT} \|$", PAGE.read_text("utf-8"), re.MULTILINE),
        strict=True,
    ):
        yield form, tuple(int(number) for number in row)


def elsewhere() -> dict[Form, tuple[int, ...]]:
    """What a first look says of photos that nothing was chosen on: known breeds, right; other breeds, right."""
    found: dict[Form, list[int]] = {form: [0, 0, 0, 0] for form in Form}
    store = ModelStore(SHIPPED)
    artefact = store.head(store.pointer().model)
    head, backbone = artefact.head(), store.backbone(artefact.backbone_id)
    network = open_backbone(backbone, Engine.AUTO)
    extractor = ServingExtractor(backbone.id, network, backbone.preprocessing.decode)
    for batch, rows in feature_rows(extractor, sorted((SHARED / "elsewhere").glob("*/*.webp")), "elsewhere"):
        for path, seen in zip(batch.readable, head.predictions(rows), strict=True):
            truth, said = path.parent.name, shape(Stored(seen.kind, seen.top, seen.not_a_dog, TOKEN))
            place = 0 if truth in head.labels else 2
            found[said.form][place] += 1
            found[said.form][place + 1] += right(truth, said)
    network.close()
    return {form: tuple(numbers) for form, numbers in found.items()}


def test_the_page_tells_what_is_so() -> None:
    assert {form: row[:2] for form, row in told()} == counts()


@pytest.mark.slow  # 719 photos through the network
@pytest.mark.skipif(
    not (SHARED / "elsewhere").is_dir(), reason="the photos from elsewhere are not beside this checkout"
)
def test_the_page_tells_what_is_so_elsewhere() -> None:
    page, found = {form: row[2:] for form, row in told()}, elsewhere()

    off = {form: np.abs(np.subtract(page[form], found[form])).max() for form in Form}
    assert max(off.values()) <= NEAR_A_THRESHOLD, (page, found)


@pytest.mark.parametrize(
    ("form", "at_least"),
    [(Form.BREED, 0.95), (Form.TWO, 0.9), (Form.RANKING, 0.9), (Form.GROUP, 0.8), (Form.UNSURE, 0.6)],
)
def test_every_form_is_right_as_often_as_it_sounds(form: Form, at_least: float) -> None:
    photos, hits = counts()[form]

    assert hits / photos >= at_least


def test_few_dogs_of_one_breed_are_taken_for_a_mix() -> None:
    dogs = [said for truth, said in answers() if truth != NOT_A_DOG]

    assert 0 < sum(said.mixed for said in dogs) <= 0.02 * len(dogs)
