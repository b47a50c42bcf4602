"""Jobs and results as bytes: versioned, bounded, and read without trusting who wrote them.

A job is JSON. A result is a head of eight bytes (`BBR1`, and the length of what follows, big-endian), JSON, and then
the features of its first dog as they are, float16, little-endian; those of further dogs are in the JSON, so that a
release that knows of one dog only reads the first one. Keys that we do not know are another release's and are passed
over.
"""

import base64
import json
import struct
from collections.abc import Callable
from typing import Any, Final, TypeVar

import numpy as np

from core.prediction import WHOLE_PHOTO, Box, BreedScore, Kind, Prediction, Remark
from inference.model.shadow_score import ShadowAnswer, ShadowRefusal, ShadowScore
from inference.queue.protocol import LIMIT_DOGS, BadMessage, Failure, Job, JobResult

T = TypeVar("T")

VERSION: Final = 1
_MAGIC: Final = b"BBR1"
_HEAD: Final = struct.Struct(">4sI")
LIMIT_BYTES: Final = 448 * 1024
LIMIT_FEATURES: Final = 16_384
LIMIT_TEXT: Final = 500
LIMIT_TOP: Final = 20
_REMARKS: Final = frozenset(Remark)  # a later release may know more


def encode_job(job: Job) -> bytes:
    """The job as JSON."""
    stated = {"v": VERSION, "id": job.id, "photo": job.photo_sha256, "at": job.submitted_at, "trace": job.trace}
    return json.dumps(stated, separators=(",", ":")).encode()


def decode_job(data: bytes) -> Job:
    """The job. Raises BadMessage."""
    return _guarded(lambda: _job(_stated(data)))


def encode_result(result: JobResult) -> bytes:
    """The result, features as bytes."""
    stated: dict[str, Any] = {
        "v": VERSION,
        "job": json.loads(encode_job(result.job)),
        "failure": result.failure,
        "times": [result.queue_s, result.decode_s, result.infer_s],
        "shadow": _shadow_json(result.shadows[0]) if result.shadows else None,
        "remarks": result.remarks,
    }
    features = b""
    if result.predictions:
        first, *others = result.predictions
        stated["prediction"] = _prediction_json(first)
        stated["others"] = [_with_features(one) for one in others]
        stated["other_shadows"] = [_shadow_json(score) for score in result.shadows[1:]]
        features = _bytes(first)
    text = json.dumps(stated, separators=(",", ":")).encode()
    return _HEAD.pack(_MAGIC, len(text)) + text + features


def decode_result(data: bytes) -> JobResult:
    """The result. Raises BadMessage."""
    return _guarded(lambda: _result(data))


def _guarded(read: Callable[[], T]) -> T:
    try:
        return read()
    except BadMessage:
        raise
    except (ValueError, TypeError, KeyError, LookupError, struct.error, RecursionError, OverflowError) as error:
        raise BadMessage(f"not readable: {type(error).__name__}: {str(error)[:200]}") from error


def _stated(data: bytes) -> dict[str, Any]:
    if len(data) > LIMIT_BYTES:
        raise BadMessage(f"{len(data)} bytes are too many")
    stated = json.loads(data)
    if not isinstance(stated, dict) or stated.get("v") != VERSION:
        raise BadMessage(f"written by another release: version {stated.get('v') if isinstance(stated, dict) else None}")
    return stated


def _job(stated: dict[str, Any]) -> Job:
    return Job(_whole(stated["id"]), _text(stated["photo"]), _number(stated["at"]), _text(stated["trace"]))


def _result(data: bytes) -> JobResult:
    if len(data) > LIMIT_BYTES:
        raise BadMessage(f"{len(data)} bytes are too many")
    magic, length = _HEAD.unpack_from(data)
    if magic != _MAGIC:
        raise BadMessage(f"begins with {magic!r}")
    stated = _stated(data[_HEAD.size : _HEAD.size + length])
    predictions: list[Prediction] = []
    if "prediction" in stated:
        others = stated.get("others", [])[: LIMIT_DOGS - 1]
        predictions = [_prediction(stated["prediction"], data[_HEAD.size + length :])]
        predictions += [_prediction(one, base64.b64decode(one["features"], validate=True)) for one in others]
    failure = None if stated["failure"] is None else Failure(stated["failure"])
    queue_s, decode_s, infer_s = (_number(each) for each in stated["times"])
    scores = [_shadow(one) for one in (stated["shadow"], *stated.get("other_shadows", []))]
    shadows = tuple(score for score in scores if score is not None)
    remarks = tuple(Remark(one) for one in stated.get("remarks", []) if one in _REMARKS)
    return JobResult(_job(stated["job"]), tuple(predictions), failure, queue_s, decode_s, infer_s, shadows, remarks)


def _prediction_json(prediction: Prediction) -> dict[str, Any]:
    return {
        "kind": prediction.kind,
        "top": [[score.breed, score.confidence] for score in prediction.top],
        "not_a_dog": prediction.not_a_dog,
        "model": prediction.model,
        "backbone": prediction.backbone,
        "box": prediction.box,
    }


def _with_features(prediction: Prediction) -> dict[str, Any]:
    return _prediction_json(prediction) | {"features": base64.b64encode(_bytes(prediction)).decode()}


def _bytes(prediction: Prediction) -> bytes:
    return prediction.features.astype("<f2").tobytes()


def _prediction(stated: dict[str, Any], features: bytes) -> Prediction:
    if len(features) % 2 or len(features) > 2 * LIMIT_FEATURES or len(stated["top"]) > LIMIT_TOP:
        raise BadMessage(f"{len(features)} bytes of features, {len(stated['top'])} breeds")
    return Prediction(
        Kind(stated["kind"]),
        tuple(BreedScore(_text(breed), _number(confidence)) for breed, confidence in stated["top"]),
        _number(stated["not_a_dog"]),
        _text(stated["model"]),
        _text(stated["backbone"]),
        np.frombuffer(features, "<f2").astype(np.float16),
        Box(*(_number(side) for side in stated.get("box", WHOLE_PHOTO))),
    )


def _shadow_json(score: ShadowScore | None) -> dict[str, Any] | None:
    if isinstance(score, ShadowAnswer):
        return {"model": score.model, "breed": score.breed, "confidence": score.confidence}
    return None if score is None else {"model": score.model, "reason": score.reason[:LIMIT_TEXT]}


def _shadow(stated: dict[str, Any] | None) -> ShadowScore | None:
    if stated is None:
        return None
    if "reason" in stated:
        return ShadowRefusal(_text(stated["model"]), _text(stated["reason"]))
    breed = None if stated["breed"] is None else _text(stated["breed"])
    return ShadowAnswer(_text(stated["model"]), breed, _number(stated["confidence"]))


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > LIMIT_TEXT:
        raise BadMessage(f"expected a text of at most {LIMIT_TEXT} letters")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e18:
        raise BadMessage("expected a number")
    return float(value)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
        raise BadMessage("expected an id")
    return value
