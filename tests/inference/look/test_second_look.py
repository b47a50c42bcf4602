"""Dogs are found where they are, each is named, and what is one dog stays one."""

import numpy as np
import pytest
from numpy.typing import NDArray
from painted import COLOURS, LABELS, LIKE_THE_SHIPPED, ColourNetwork, colour_classifier, colour_head, looked_at, painted
from PIL import Image

from core.breeds.catalogue import NOT_A_DOG
from core.prediction import WHOLE_PHOTO, Box, Kind
from inference.look.dogs import CutOut, Whole, dogs_among
from inference.look.policy import DEFAULT_POLICY
from inference.look.second_look import Scan, SecondLook
from inference.look.windows import Cells, Window, overlap
from inference.model.backbone import Features
from inference.model.classifier import Classifier
from inference.photo.preprocess import Preprocessing, seen_box


def box_of(size: tuple[int, int], left: int, top: int, side: int) -> Box:
    return Box(left / size[0], top / size[1], side / size[0], side / size[1])


def test_a_sure_photo_is_looked_at_once() -> None:
    classifier = colour_classifier()

    looked = looked_at(Image.new("RGB", (400, 300), COLOURS["beagle"]), classifier)

    [one] = looked.predictions
    assert (one.kind, one.top[0].breed, one.box) == (Kind.BREED, "beagle", WHOLE_PHOTO)
    assert (one is looked.first, looked.passes) == (True, 1)
    assert classifier.backbone.seen == [(1, 224, 224, 3)]  # type: ignore[attr-defined]


def test_a_photo_without_a_dog_shows_none_after_the_second_look_either() -> None:
    looked = looked_at(painted((400, 300)))

    [one] = looked.predictions
    assert (one.kind, one.box) == (Kind.NOT_A_DOG, WHOLE_PHOTO)
    assert 5 < looked.passes < 7, "it is searched, but not turned"


@pytest.mark.parametrize("at", [(0, 0), (500, 30), (640, 400), (250, 200)])
def test_a_small_dog_is_found_wherever_it_is(at: tuple[int, int]) -> None:
    size = (960, 720)

    looked = looked_at(painted(size, pug=(*at, 320)))

    [one] = looked.predictions
    assert looked.first.kind is not Kind.BREED or looked.first.top[0].confidence < 0.95
    assert (one.kind, one.top[0].breed) == (Kind.BREED, "pug")
    assert overlap(one.box, box_of(size, *at, 320)) > 0.5


def test_two_dogs_have_an_answer_each_the_larger_first() -> None:
    size = (1200, 600)

    looked = looked_at(painted(size, beagle=(800, 150, 300), pug=(20, 20, 560)))

    assert [one.top[0].breed for one in looked.predictions] == ["pug", "beagle"]
    assert overlap(looked.predictions[0].box, box_of(size, 20, 20, 560)) > 0.5
    assert overlap(looked.predictions[1].box, box_of(size, 800, 150, 300)) > 0.5


@pytest.mark.parametrize("turn", [None, Image.Transpose.ROTATE_90])
def test_a_dog_at_the_end_of_a_strip_is_not_cropped_away(turn: Image.Transpose | None) -> None:
    strip = painted((2640, 120), beagle=(2500, 0, 120))

    looked = looked_at(strip if turn is None else strip.transpose(turn))

    [one] = looked.predictions
    assert looked.first.kind is Kind.NOT_A_DOG
    assert one.top[0].breed == "beagle"
    place = one.box.left if turn is None else one.box.top
    assert place > 0.9 if turn is None else place < 0.06


def test_the_parts_of_one_dog_are_one_dog() -> None:
    """Its two ends look alike, and a little like another breed."""
    photo = painted((900, 600), pug=(40, 40, 520))
    photo.paste((60, 200, 0), (300, 40, 560, 560))

    looked = looked_at(photo)

    assert [one.top[0].breed for one in looked.predictions] == ["pug"]


def shown(box: Box, *probabilities: float, score: float = 0.8) -> CutOut:
    row = np.array(probabilities, np.float32)
    return CutOut(box, Window(box, int(row.argmax()), score, score), np.zeros(3, np.float16), row, row)


@pytest.mark.parametrize(
    ("second", "count"),
    [
        (shown(Box(0.6, 0, 0.4, 0.8), 0.02, 0.95, 0.03), 2),
        (shown(Box(0.6, 0, 0.4, 0.8), 0.02, 0.6, 0.38), 1),  # less sure, where the whole photo is sure of the first one
        (shown(Box(0.6, 0, 0.4, 0.8), 0.02, 0.95, 0.03, score=0.3), 1),  # no good window
        (shown(Box(0.1, 0, 0.4, 0.8), 0.02, 0.95, 0.03), 1),  # most of it is in the first one
    ],
)
def test_two_dogs_are_two_where_each_is_sure_whatever_the_whole_photo_says(second: CutOut, count: int) -> None:
    first = shown(Box(0, 0, 0.4, 0.8), 0.95, 0.02, 0.03)
    whole = Whole(WHOLE_PHOTO, np.array([0.98, 0.01, 0.01], np.float32))
    cells = Cells(np.zeros((8, 8, 3), np.float32))

    assert len(dogs_among([first, second], whole, cells, LABELS, DEFAULT_POLICY)) == count


@pytest.mark.parametrize(("left", "count"), [(0.3, 1), (0.6, 2)])
def test_two_that_look_alike_are_two_only_where_nothing_shows_both(left: float, count: int) -> None:
    first = shown(Box(0, 0, 0.4, 0.8), 0.95, 0.02, 0.03)
    second = shown(Box(left, 0, 0.4, 0.8), 0.02, 0.95, 0.03)
    whole = Whole(WHOLE_PHOTO, np.array([0.5, 0.4, 0.1], np.float32))
    cells = Cells(np.zeros((8, 8, 3), np.float32))

    dogs = dogs_among([first, second], whole, cells, ("norfolk_terrier", "norwich_terrier", NOT_A_DOG), DEFAULT_POLICY)

    assert len(dogs) == count


def test_a_photo_as_small_as_the_networks_input_is_turned_but_not_searched() -> None:
    classifier = colour_classifier()

    looked = looked_at(Image.new("RGB", (200, 200), (60, 50, 40)), classifier)

    assert looked.first.top[0].confidence < 0.85
    assert looked.passes == 5
    assert {shape[1:3] for shape in classifier.backbone.seen} == {(224, 224)}  # type: ignore[attr-defined]


def test_where_the_dog_is_large_it_is_searched_for_in_a_smaller_pass() -> None:
    photo = Image.new("RGB", (1200, 600), (150, 130, 0))  # two breeds that look alike, and nothing else
    classifier = colour_classifier()

    looked = looked_at(photo, classifier)

    assert looked.first.not_a_dog < 0.02
    assert (1, 256, 512, 3) in classifier.backbone.seen  # type: ignore[attr-defined]


def test_small_dogs_are_looked_for_after_all_where_no_large_one_is_good() -> None:
    classifier = colour_classifier()

    looked_at(Image.new("RGB", (1200, 600), (128, 126, 0)), classifier)

    assert [shape for shape in classifier.backbone.seen if shape[1:3] != (224, 224)] == [  # type: ignore[attr-defined]
        (1, 256, 512, 3),
        (1, 416, 832, 3),
    ]


@pytest.mark.parametrize(
    ("colour", "breeds"),
    [((0, 128, 0), ["beagle", "pug"]), ((0, 128, 105), ["beagle"])],  # that is not sure enough of a pug
)
def test_a_dog_that_the_best_window_swallows_is_found_in_a_smaller_one(
    colour: tuple[int, int, int], breeds: list[str]
) -> None:
    photo = Image.new("RGB", (850, 500), COLOURS["beagle"])
    photo.paste(colour, (550, 0, 850, 300))

    looked = looked_at(photo)

    assert [one.top[0].breed for one in looked.predictions] == breeds


def test_a_small_dog_is_no_surer_than_its_cut_out() -> None:
    """A window that only just holds it is sure; what is cut out is squashed into the network's input again."""
    second = SecondLook(colour_head(), LIKE_THE_SHIPPED)
    row = np.array([0.2, 0.7, 0.1], np.float32)
    box = Box(0.2, 0.2, 0.3, 0.4)
    one = CutOut(box, Window(box, 1, 0.9, 0.8), np.array([0, 0.9, 0], np.float16), row, row)

    said = second._alone(one, (960, 720))

    assert said.top[0].breed == "pug"
    assert said.top[0].confidence <= 0.7


def test_fifty_dogs_are_at_most_eight() -> None:
    photo = Image.new("RGB", (1000, 1000), COLOURS["not_a_dog"])
    for number in range(50):
        column, row = number % 10, number // 10
        photo.paste(
            COLOURS[("beagle", "pug")[number % 2]], (column * 100, row * 200, column * 100 + 80, row * 200 + 80)
        )

    looked = looked_at(photo)

    assert 1 <= len(looked.predictions) <= 8


def test_few_pixels_are_never_sure() -> None:
    tiny = looked_at(Image.new("RGB", (48, 48), COLOURS["pug"]))
    large = looked_at(Image.new("RGB", (480, 480), COLOURS["pug"]))

    assert [one.top[0].breed for one in tiny.predictions] == ["pug"]
    assert tiny.predictions[0].top[0].confidence < 0.99 < large.predictions[0].top[0].confidence


def test_a_network_of_one_size_looks_once() -> None:
    network = ColourNetwork()
    network.scans = False

    looked = looked_at(painted((400, 300)), Classifier(network, colour_head(), LIKE_THE_SHIPPED))

    assert looked.predictions == (looked.first,)
    assert looked.passes == 1


def test_what_was_kept_of_a_dog_is_what_it_was_named_from() -> None:
    for photo in (
        painted((1200, 600), beagle=(800, 150, 300), pug=(20, 20, 560)),
        painted((960, 720), pug=(9, 9, 320)),
    ):
        for one in looked_at(photo).predictions:
            [again] = colour_head().predictions(one.features[None])
            assert again.top[0].breed == one.top[0].breed
            assert again.top[0].confidence == pytest.approx(one.top[0].confidence, abs=0.01)


@pytest.mark.parametrize(
    ("size", "rule", "box"),
    [
        ((400, 200), Preprocessing(224, 224), Box(0.25, 0, 0.5, 1)),
        ((400, 400), Preprocessing(224, 256), Box(0.0625, 0.0625, 0.875, 0.875)),
        ((400, 200), Preprocessing(224, 224, "letterbox"), WHOLE_PHOTO),
    ],
)
def test_what_the_first_look_sees(size: tuple[int, int], rule: Preprocessing, box: Box) -> None:
    assert seen_box(*size, rule) == box


class LeftEye(ColourNetwork):
    """Sees the left half alone."""

    def features(self, batch: NDArray[np.uint8], *, maps: bool = False) -> Features:
        return super().features(batch[:, :, : batch.shape[2] // 2 // 32 * 32], maps=maps)


def test_a_photo_that_its_mirror_image_settles_costs_one_pass_more() -> None:
    photo = Image.new("RGB", (400, 400), (120, 110, 0))
    photo.paste(COLOURS["pug"], (200, 0, 400, 400))

    looked = looked_at(photo, Classifier(LeftEye(), colour_head(), LIKE_THE_SHIPPED))

    [one] = looked.predictions
    assert looked.first.top[0].breed == "beagle"
    assert (one.top[0].breed, one.box, looked.passes) == ("pug", WHOLE_PHOTO, 2)


@pytest.mark.parametrize(
    ("first", "turned", "breed"),
    [
        ((0.2, 0.15, 0.12), (0, 0.9, 0), "pug"),  # hardly anything speaks for a breed, and much when it is turned
        ((0.9, 0.87, 0), (0, 0.6, 0), "beagle"),  # two breeds that look alike, of which the turn shows one a little
    ],
)
def test_a_turn_wins_where_more_speaks_for_its_breed(
    first: tuple[float, ...], turned: tuple[float, ...], breed: str
) -> None:
    second = SecondLook(colour_head(), LIKE_THE_SHIPPED)
    [said] = second.head.predictions(np.array([first], np.float32))
    seen = {1: [first], 3: [turned] * 3}
    no_dog = np.tile(np.array([0, 0, 12], np.float32), (14, 18, 1))

    steps = second.steps(Image.new("RGB", (400, 300)), said)
    step = steps.send(None)
    while not isinstance(step, tuple):
        step = steps.send(no_dog if isinstance(step, Scan) else np.array(seen[len(step.pixels)]))

    assert step[0].top[0].breed == breed


def test_a_wide_photo_is_looked_at_twice_however_sure_its_middle_is() -> None:
    classifier = colour_classifier()
    sure = classifier.predict(np.full((1, 224, 224, 3), COLOURS["pug"], np.uint8))[0]
    second = SecondLook(classifier.head, classifier.preprocessing)

    assert not second.wanted(sure, 400, 300)
    assert second.wanted(sure, 900, 400)
