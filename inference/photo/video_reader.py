"""The program that looks into a stranger's video: alone in a process of its own, because FFmpeg reads foreign bytes.

`video.py` starts it by its path, in Python's isolated mode, so it imports nothing of ours. The file comes on
stdin; on stdout goes one line of JSON, ``{"frames": [bytes of each]}`` or ``{"error": kind, "message": …}``, and after
it the frames as JPEGs, in the order of time. It opens no other file and no connection: the container's format is named,
never guessed, and playlists are none of them (https://ffmpeg.org/ffmpeg-protocols.html, "protocol_whitelist").
"""

import io
import json
import os
import resource
import sys
import time
from collections.abc import Iterator

import av
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

CONTAINERS = {"mp4": "mp4", "webm": "matroska", "gif": "gif"}
PILLOW = {"png": PngImageFile, "webp": WebPImageFile}  # FFmpeg's libraries read no WebP that moves
CODECS = frozenset({"h264", "hevc", "vp8", "vp9", "av1", "libdav1d", "mpeg4", "gif", "mjpeg", "h263"})
MEMORY_BYTES = 2 * 2**30  # of address space; FFmpeg's libraries and Python take a quarter of it by themselves
SHORT_SIDE_PX = 448  # as of photos: twice the network's input
QUALITY = 90
SEEK_FROM_S = 5.0  # a longer clip is not decoded as a whole
WALK_FRAMES = 900
STEP_FRAMES = 150  # from the key frame before a moment to the moment itself
WHITE = (255, 255, 255)


class Refused(Exception):
    """The clip is not read; `kind` is what the caller makes an error of."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def main() -> None:
    """``clip_reader.py CONTAINER FRAMES LIMIT_PIXELS CPU_S < clip``."""
    container, count, limit_pixels, cpu_s = sys.argv[1], *(int(number) for number in sys.argv[2:5])
    _confine(cpu_s)
    try:
        data = sys.stdin.buffer.read()
        if container in PILLOW:
            pictures = read_frames(data, container, count, limit_pixels, cpu_s / 2)
        else:
            pictures = read(data, CONTAINERS[container], count, limit_pixels, cpu_s / 2)
    except Refused as refusal:
        _say({"error": refusal.kind, "message": str(refusal)}, [])
    except MemoryError:
        _say({"error": "too_large", "message": "it does not fit into memory"}, [])
    except Exception as error:  # noqa: BLE001 - decoders fed with foreign bytes raise anything: this is the edge
        _say({"error": "unreadable", "message": f"{type(error).__name__}: {error}"[:200]}, [])
    else:
        _say({"frames": [len(picture) for picture in pictures]}, pictures)


def read(data: bytes, container: str, count: int, limit_pixels: int, budget_s: float) -> list[bytes]:
    """Up to `count` frames, evenly spread over the clip, as JPEGs; fewer where it is short or laborious."""
    av.logging.set_level(None)
    with av.open(io.BytesIO(data), mode="r", format=container, options={"protocol_whitelist": ""}) as clip:
        if not clip.streams.video:
            raise Refused("unreadable", "there is no picture in it")
        stream = clip.streams.video[0]
        context = stream.codec_context
        if context.name not in CODECS:
            raise Refused("unreadable", f"pictures coded as {context.name}")
        _check(context.width, context.height, limit_pixels)
        context.thread_count = 1  # memory and time are what one thread takes
        duration_s = clip.duration / av.time_base if clip.duration else 0.0
        seeks = duration_s >= SEEK_FROM_S and container != "gif"
        deadline = time.process_time() + budget_s
        frames = _at_moments(clip, duration_s, count, deadline) if seeks else _walk(clip, count, deadline)
        pictures = [_jpeg(frame, limit_pixels) for frame in frames]
    if not pictures:
        raise Refused("unreadable", "it has no frames")
    return list(dict.fromkeys(pictures))  # a picture that stands still is looked at once


def read_frames(data: bytes, kind: str, count: int, limit_pixels: int, budget_s: float) -> list[bytes]:
    """The same, of a PNG or a WebP that moves: each of its frames is drawn upon the one before."""
    if kind == "webp":  # its decoder takes memory for the canvas as soon as it is opened
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
        _check(width, height, limit_pixels)
    image = PILLOW[kind](io.BytesIO(data))
    _check(*image.size, limit_pixels)
    total = min(getattr(image, "n_frames", 1), WALK_FRAMES)
    wanted = min(count, total)
    deadline = time.process_time() + budget_s
    pictures: list[bytes] = []
    for place in range(wanted):
        try:
            image.seek(int(total * (place + 0.5) / wanted))
            pictures.append(_still(image))
        except (EOFError, OSError, ValueError):  # it was cut off
            break
        if time.process_time() > deadline:
            break
    if not pictures:
        raise Refused("unreadable", "it has no frames")
    return list(dict.fromkeys(pictures))


def _still(frame: Image.Image) -> bytes:
    """As a JPEG, made smaller, upright, on white."""
    image = ImageOps.exif_transpose(frame.convert("RGBA"))
    scale = min(1.0, SHORT_SIDE_PX / min(image.size))
    image.thumbnail((max(1, round(image.width * scale)), max(1, round(image.height * scale))))
    flat = Image.new("RGB", image.size, WHITE)
    flat.paste(image, mask=image.getchannel("A"))
    file = io.BytesIO()
    flat.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def _at_moments(
    clip: "av.container.InputContainer", duration_s: float, count: int, deadline: float
) -> Iterator["av.VideoFrame"]:
    for place in range(count):
        moment_s = duration_s * (place + 0.5) / count
        try:
            clip.seek(int(moment_s * av.time_base), backward=True)
        except av.FFmpegError:  # without an index, or with a wrong one
            yield from _walk(clip, count - place, deadline)
            return
        found = None
        for steps, frame in enumerate(_decoded(clip)):
            found = frame
            late = steps >= STEP_FRAMES or time.process_time() > deadline
            if late or frame.pts is None or frame.time >= moment_s:
                break
        if found is not None:
            yield found
        if time.process_time() > deadline:
            return


def _walk(clip: "av.container.InputContainer", count: int, deadline: float) -> list["av.VideoFrame"]:
    """Decode from the start, keeping frames at a distance that doubles whenever there are too many."""
    kept: list[av.VideoFrame] = []
    distance = 1
    for place, frame in enumerate(_decoded(clip)):
        if place >= WALK_FRAMES or time.process_time() > deadline:
            break
        if place % distance == 0:
            kept.append(frame)
        if len(kept) > 2 * count:
            kept, distance = kept[::2], 2 * distance
    wanted = min(count, len(kept))
    return [kept[int(len(kept) * (place + 0.5) / wanted)] for place in range(wanted)]


def _decoded(clip: "av.container.InputContainer") -> Iterator["av.VideoFrame"]:
    """Frames, passing over what is damaged; a clip that was cut off ends where it was cut."""
    try:
        for packet in clip.demux(clip.streams.video[0]):
            try:
                yield from packet.decode()
            except av.error.InvalidDataError:
                continue
    except (av.error.InvalidDataError, av.error.EOFError):
        return


def _jpeg(frame: "av.VideoFrame", limit_pixels: int) -> bytes:
    _check(frame.width, frame.height, limit_pixels)  # may differ from what the container declared
    scale = min(1.0, SHORT_SIDE_PX / min(frame.width, frame.height))
    width, height = (max(1, round(side * scale)) for side in (frame.width, frame.height))
    see_through = any(component.is_alpha for component in frame.format.components)
    mode = "RGBA" if see_through else "RGB"
    (plane,) = frame.reformat(width, height, format="rgba" if see_through else "rgb24").planes
    image = Image.frombuffer(mode, (width, height), bytes(plane), "raw", mode, plane.line_size, 1)
    if see_through:
        flat = Image.new("RGB", image.size, WHITE)
        flat.paste(image, mask=image.getchannel("A"))
        image = flat
    if frame.rotation:
        image = image.rotate(frame.rotation, expand=True)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def _check(width: int, height: int, limit_pixels: int) -> None:
    if width * height > limit_pixels:
        raise Refused("too_large", f"frames of {width} × {height} pixels; the limit is {limit_pixels:,}")
    if width < 1 or height < 1:
        raise Refused("unreadable", "frames without a size")


def _confine(cpu_s: int) -> None:
    """From here on this process can use little, and cannot make files, others of its kind, or much noise."""
    os.nice(10)
    for what, limit in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 32),
    ):
        resource.setrlimit(what, (limit, limit))


def _say(head: dict[str, object], pictures: list[bytes]) -> None:
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + b"".join(pictures))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
