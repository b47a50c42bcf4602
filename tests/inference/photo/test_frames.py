"""Frames around dogs, and dogs cut out: of any size, wherever the box is."""

from io import BytesIO

import pytest
from PIL import Image

from inference.photo.frames import Frame, draw_frames
from inference.photo.viewing_copy import cut_out, viewing_copy


def jpeg(width: int = 400, height: int = 200) -> bytes:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", (width, height), "red")
    image.paste("blue", (width // 2, 0, width, height))
    file = BytesIO()
    image.save(file, "JPEG")
    return file.getvalue()


@pytest.mark.parametrize("box", [(0, 0, 1, 1), (0.9, 0.9, 0.1, 0.1), (0.5, 0.5, 0, 0), (1, 1, 0, 0), (-0.1, 0.2, 3, 3)])
@pytest.mark.parametrize("size", [(400, 300), (20, 20), (1600, 3), (3, 1600)])
def test_every_box_can_be_framed_and_cut_out_of_every_picture(size: tuple[int, int], box: tuple[float, ...]) -> None:
    image = Image.new("RGB", size)

    draw_frames(image, [Frame(box, "8"), Frame(box)])

    assert image.size == size
    assert Image.open(BytesIO(cut_out(jpeg(*size), box))).size > (0, 0)


def test_a_frame_is_where_the_box_is_and_a_small_dog_is_drawn_over_a_large_one() -> None:
    image = Image.new("RGB", (400, 400))

    draw_frames(image, [Frame((0.25, 0.25, 0.5, 0.5)), Frame((0, 0, 1, 1))])

    assert image.getpixel((200, 101)) == (255, 176, 0)
    assert image.getpixel((200, 1)) == (0, 194, 255)
    assert image.getpixel((200, 200)) == (0, 0, 0)


def test_a_copy_shows_the_frame_and_a_cut_out_nothing_but_the_dog() -> None:
    framed = Image.open(BytesIO(viewing_copy(jpeg(), [Frame((0.5, 0, 0.5, 1))])))
    dog = Image.open(BytesIO(cut_out(jpeg(), (0.5, 0, 0.5, 1))))

    assert framed.size == (400, 200)
    assert framed.getpixel((201, 100)) != framed.getpixel((300, 100))
    assert dog.size == (200, 200)
    assert dog.getpixel((100, 100))[2] > 200  # type: ignore[index]
