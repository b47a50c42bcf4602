"""Photos made on the spot."""

from io import BytesIO

from PIL import Image


def picture(width: int, height: int, format_: str = "JPEG", mode: str = "RGB", **options: object) -> bytes:
    """Left half red, right half blue: enough to see a wrong rotation."""
    image = Image.new("RGB", (width, height), "red")
    image.paste("blue", (width // 2, 0, width, height))
    buffer = BytesIO()
    image.convert(mode).save(buffer, format_, **options)
    return buffer.getvalue()


def sideways(width: int, height: int) -> bytes:
    """A JPEG stored lying on its side: shown `width` × `height`, red above blue."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Camera"
    return picture(height, width, exif=exif.tobytes())


def animation(width: int = 120, height: int = 80) -> bytes:
    frames = [Image.new("RGB", (width, height), colour) for colour in ("red", "green", "blue")]
    buffer = BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=100)
    return buffer.getvalue()
