"""What bots and workers send each other is read whole, or refused as `BadMessage`; nothing else happens."""

import random

import numpy as np
import pytest
from fuzz_size import SIZE
from odd_files import mutated
from toll import Toll

from core.prediction import BreedScore, Kind, Prediction
from inference.model.shadow_score import ShadowAnswer
from inference.queue.nats.codec import decode_job, decode_result, encode_job, encode_result
from inference.queue.protocol import BadMessage, Job, JobResult

JOB = Job(7, "ab" * 32, 1_700_000_000.25, "u12")
FEATURES = np.linspace(0, 3, 64).astype(np.float16)
ANSWER = Prediction(Kind.UNSURE, (BreedScore("beagle", 0.5), BreedScore("pug", 0.1)), 0.01, "m1", "b1", FEATURES)
RESULT = JobResult(JOB, (ANSWER, ANSWER), None, 0.5, 0.01, 0.02, (ShadowAnswer("m2", "pug", 0.4),) * 2)


@pytest.mark.slow
def test_messages_of_any_bytes_are_read_or_refused(toll: Toll) -> None:
    job, result = encode_job(JOB), encode_result(RESULT)
    for seed in range(SIZE.first, SIZE.first + SIZE.updates):
        dice = random.Random(seed)
        for data, read in ((mutated(job, dice), decode_job), (mutated(result, dice), decode_result)):
            try:
                found = read(data)
            except BadMessage:
                toll.count(note="refused")
            else:
                toll.count(note="read")
                assert isinstance(found, Job | JobResult)

    assert toll.notes["read"] > toll.tried / 100
