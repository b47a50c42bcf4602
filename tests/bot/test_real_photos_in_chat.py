"""Albums and videos of real dogs, through the chat and the model that ships."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from checkout import SHARED
from PIL import Image
from stage import Stage

from bot.texts import say_plain
from core.prediction import Prediction
from db.photos.photo_store import PhotoFolder
from inference.model.classifier import Champion, Classifier
from inference.store.folder_store import ModelStore
from sandbox import ALICE

ORIGINALS, DOGS = SHARED / "originals", SHARED / "dogs"

pytestmark = [
    pytest.mark.photos,
    pytest.mark.slow,
    pytest.mark.skipif(not (ORIGINALS.is_dir() and DOGS.is_dir()), reason="../shared is not there"),
]


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    return Champion(ModelStore(tmp_path_factory.mktemp("no models of its own")))()


def looking(stage: Stage, classifier: Classifier) -> Callable[[str], Prediction]:
    """What the shipped model says of a photo as it was stored."""
    store = PhotoFolder(stage.folder / "photos")
    return lambda sha256: classifier.predict(classifier.preprocessing.decode(store.read(sha256))[None])[0]


def film(path: Path, frames: int = 30) -> bytes:
    """Six seconds in which the camera moves over a photo."""
    image, file = Image.open(path).convert("RGB"), BytesIO()
    width, height = image.size
    with av.open(file, "w", format="mp4") as target:
        stream = target.add_stream("libx264", rate=5)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 480, 360, "yuv420p"
        for number in range(frames):
            inset = 0.15 * number / frames
            box = (int(inset * width), int(inset * height), int((1 - inset / 2) * width), int((1 - inset / 2) * height))
            pixels = np.asarray(image.crop(box).resize((480, 360)))
            target.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        target.mux(stream.encode(None))
    return file.getvalue()


async def test_an_album_of_two_dogs_and_a_thing_names_each(stage: Stage, classifier: Classifier) -> None:
    stage.say = looking(stage, classifier)
    names = ("keeshond_0.jpg", "newfoundland_0.jpg", "keeshond_1.jpg")
    thing = min((DOGS / "not_a_dog").glob("*.webp"))
    photos = [*((ORIGINALS / name).read_bytes() for name in names), thing.read_bytes()]

    async with stage.bot():
        album = await stage.chat.send_album(ALICE, photos)
        answer = await stage.chat.wait_for_reply(album[0], lambda one: one.has_button("4"), timeout_s=60.0)
        await stage.settled()

    lines = [line for line in answer.text.splitlines() if line[:1].isdigit()]
    assert [line.split(" ·")[0] for line in lines] == ["1, 3", "2", "4"]
    assert "Keeshond" in lines[0]
    assert "Newfoundland" in lines[1]
    assert say_plain("en", "album-no-dog") in lines[2]


async def test_a_film_of_a_dog_is_answered_with_its_breed(stage: Stage, classifier: Classifier) -> None:
    stage.say = looking(stage, classifier)

    async with stage.bot():
        sent = await stage.chat.send_file(ALICE, film(ORIGINALS / "keeshond_0.jpg"), name="dog.mp4")
        answer = await stage.chat.wait_for_reply(sent, lambda one: one.has_button("✅"), timeout_s=60.0)
        await stage.settled()

    assert "Keeshond" in answer.text
    assert len(stage.worker.looked_at) == 5
