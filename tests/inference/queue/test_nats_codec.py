"""What goes through the line comes out the same, and nothing else does."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.prediction import BreedScore, Kind, Prediction
from inference.model.shadow_score import ShadowAnswer, ShadowRefusal
from inference.queue.nats.codec import decode_job, decode_result, encode_job, encode_result
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
    sent = JobResult(JOB, PREDICTION, None, 0.5, 0.01, 0.02, shadow)

    came = decode_result(encode_result(sent))

    assert came.prediction is not None
    assert came.prediction.features.tobytes() == FEATURES.tobytes()
    assert came.prediction.top == PREDICTION.top
    assert (came.job, came.queue_s, came.decode_s, came.infer_s, came.shadow) == (JOB, 0.5, 0.01, 0.02, shadow)


@pytest.mark.parametrize("failure", Failure)
def test_a_failure_comes_out_as_it_went_in(failure: Failure) -> None:
    assert decode_result(encode_result(JobResult(JOB, failure=failure))) == JobResult(JOB, failure=failure)


def test_a_result_takes_little_more_than_its_features() -> None:
    assert len(encode_result(JobResult(JOB, PREDICTION))) < 2 * 2048 + 600


@given(st.binary(max_size=300))
def test_any_other_bytes_are_refused(data: bytes) -> None:
    for read in (decode_job, decode_result):
        with pytest.raises(BadMessage):
            read(data)


@given(st.integers(0, 400), st.integers(0, 255))
def test_damaged_results_are_refused_or_harmless(place: int, value: int) -> None:
    data = bytearray(encode_result(JobResult(JOB, PREDICTION)))
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
        b" " * 60_000,
    ],
)
def test_jobs_out_of_bounds_are_refused(data: bytes) -> None:
    with pytest.raises(BadMessage):
        decode_job(data)
    with pytest.raises(BadMessage):
        decode_result(struct.pack(">4sI", b"BBR1", len(data)) + data)
