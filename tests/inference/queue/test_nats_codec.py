"""What goes through the line comes out the same, and nothing else does."""

import json
import struct
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.prediction import Box, BreedScore, Kind, Prediction, Remark
from inference.model.shadow_score import ShadowAnswer, ShadowRefusal
from inference.queue.nats.codec import LIMIT_FEATURES, decode_job, decode_result, encode_job, encode_result
from inference.queue.protocol import BadMessage, Failure, Job, JobResult

JOB = Job(7, "ab" * 32, 1_700_000_000.25, "u12")
FEATURES = np.linspace(0, 3, 2048).astype(np.float16)
PREDICTION = Prediction(Kind.UNSURE, (BreedScore("beagle", 0.5), BreedScore("pug", 0.1)), 0.01, "m1", "b1", FEATURES)


def test_a_job_comes_out_as_it_went_in() -> None:
    assert decode_job(encode_job(JOB)) == JOB


@pytest.mark.parametrize(
    "shadow", [None, ShadowAnswer("m2", "pug", 0.4), ShadowAnswer("m2", None, 0.9), ShadowRefusal("m2", "no")]
)
def test_a_prediction_comes_out_as_it_went_in(shadow: ShadowAnswer | ShadowRefusal | None) -> None:
    shadows = () if shadow is None else (shadow,)
    sent = JobResult(JOB, (PREDICTION,), None, 0.5, 0.01, 0.02, shadows)

    came = decode_result(encode_result(sent))

    assert [said(one) for one in came.predictions] == [said(PREDICTION)]
    assert (came.job, came.queue_s, came.decode_s, came.infer_s, came.shadows) == (JOB, 0.5, 0.01, 0.02, shadows)


def said(prediction: Prediction) -> list[object]:
    parts = [getattr(prediction, field.name) for field in fields(prediction)]
    return [part.tobytes() if isinstance(part, np.ndarray) else part for part in parts]


def eight_dogs(width: int = 2048) -> JobResult:
    rng = np.random.default_rng(0)
    dogs = tuple(
        replace(PREDICTION, features=rng.random(width).astype(np.float16), box=Box(0.1 * dog, 0.2, 0.1, 0.5))
        for dog in range(8)
    )
    return JobResult(JOB, dogs, None, 0.5, 0.01, 0.02, (ShadowAnswer("m2", "pug", 0.4),) * 8, tuple(Remark))


@pytest.mark.parametrize("width", [2048, LIMIT_FEATURES])
def test_every_dog_of_a_photo_comes_out_as_it_went_in(width: int) -> None:
    sent = eight_dogs(width)

    came = decode_result(encode_result(sent))

    assert [said(one) for one in came.predictions] == [said(one) for one in sent.predictions]
    assert (came.shadows, came.remarks) == (sent.shadows, sent.remarks)


def test_a_release_that_knows_of_one_dog_reads_the_first_one() -> None:
    data = encode_result(eight_dogs())
    length = struct.unpack_from(">4sI", data)[1]

    stated = json.loads(data[8 : 8 + length])

    assert stated["v"] == 1
    assert set(stated) >= {"job", "failure", "times", "shadow", "prediction"}
    assert data[8 + length :] == eight_dogs().predictions[0].features.tobytes()


def test_a_result_of_the_release_before_is_read() -> None:
    """As it was written: without box, other dogs and remarks."""
    text = json.dumps(
        {
            "v": 1,
            "job": {"v": 1, "id": 7, "photo": "ab" * 32, "at": 1_700_000_000.25, "trace": "u12"},
            "failure": None,
            "times": [0.5, 0.01, 0.02],
            "shadow": {"model": "m2", "breed": None, "confidence": 0.9},
            "prediction": {
                "kind": "unsure", "top": [["beagle", 0.5], ["pug", 0.1]], "not_a_dog": 0.01, "model": "m1",
                "backbone": "b1",
            },
        }
    ).encode()  # fmt: skip

    came = decode_result(struct.pack(">4sI", b"BBR1", len(text)) + text + FEATURES.tobytes())

    assert [said(one) for one in came.predictions] == [said(PREDICTION)]
    assert (came.shadows, came.remarks) == ((ShadowAnswer("m2", None, 0.9),), ())


def test_remarks_of_a_later_release_are_passed_over() -> None:
    data = encode_result(JobResult(JOB, (PREDICTION,), remarks=(Remark.DARK,)))

    assert decode_result(data.replace(b'"dark"', b'"cosy"')).remarks == ()


@pytest.mark.parametrize("failure", Failure)
def test_a_failure_comes_out_as_it_went_in(failure: Failure) -> None:
    assert decode_result(encode_result(JobResult(JOB, failure=failure))) == JobResult(JOB, failure=failure)


def test_a_result_takes_little_more_than_its_features() -> None:
    assert len(encode_result(JobResult(JOB, (PREDICTION,)))) < 2 * 2048 + 700


@given(st.binary(max_size=300))
def test_any_other_bytes_are_refused(data: bytes) -> None:
    for read in (decode_job, decode_result):
        with pytest.raises(BadMessage):
            read(data)


@given(st.integers(0, 400), st.integers(0, 255))
def test_damaged_results_are_refused_or_harmless(place: int, value: int) -> None:
    data = bytearray(encode_result(JobResult(JOB, (PREDICTION,))))
    data[place] = value

    try:
        came = decode_result(bytes(data))
    except BadMessage:
        return
    assert isinstance(came, JobResult)


@pytest.mark.parametrize(
    "data",
    [
        b'{"v":2,"id":1}',
        b'{"v":1,"id":-1,"photo":"","at":0,"trace":""}',
        b'{"v":1,"id":true,"photo":"","at":0,"trace":""}',
        b'{"v":1,"id":1,"photo":"' + b"a" * 501 + b'","at":0,"trace":""}',
        b'{"v":1,"id":1,"photo":"a","at":NaN,"trace":""}',
        b"[" * 20_000,
        b" " * 460_000,
    ],
)
def test_jobs_out_of_bounds_are_refused(data: bytes) -> None:
    with pytest.raises(BadMessage):
        decode_job(data)
    with pytest.raises(BadMessage):
        decode_result(struct.pack(">4sI", b"BBR1", len(data)) + data)
