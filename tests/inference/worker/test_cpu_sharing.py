"""Decoders wait for a CPU engine, never for a GPU, and never for ever."""

import threading

import pytest

from inference.worker import batcher
from inference.worker.batcher import CpuSharing


def decoding(turns: CpuSharing) -> threading.Thread:
    thread = threading.Thread(target=turns.decode, args=(bytes,), daemon=True)
    thread.start()
    return thread


def test_a_decoder_goes_ahead_when_the_engine_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batcher, "PATIENCE_S", 60.0)
    turns = CpuSharing(shared_cores=True)

    with turns.computing():
        decoder = decoding(turns)
        decoder.join(0.05)
        waited = decoder.is_alive()
    decoder.join(10)

    assert waited
    assert not decoder.is_alive()


def test_an_engine_that_hangs_does_not_hold_a_decoder_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batcher, "PATIENCE_S", 0.01)
    turns = CpuSharing(shared_cores=True)

    with turns.computing():
        decoder = decoding(turns)
        decoder.join(10)

        assert not decoder.is_alive()


def test_nobody_waits_for_an_engine_with_cores_of_its_own() -> None:
    turns = CpuSharing(shared_cores=False)

    with turns.computing():
        decoder = decoding(turns)
        decoder.join(10)

        assert not decoder.is_alive()
