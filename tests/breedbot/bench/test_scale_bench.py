"""The scale bench measures what it says, with real servers; in small."""

import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from breedbot.bench.load.intake_bench import run_intake
from breedbot.bench.scale.cluster_campaign import run_cluster_campaign
from breedbot.bench.scale.queue_bench import Scaling, run_overhead, run_scaling
from breedbot.bench.scale.scale_bench import QUICK
from breedbot.bench.scale.scaling_plot import scaling_svg
from breedbot.bench.scale.servers import nats_nodes, nats_url

BOT = (sys.executable, "-m", "breedbot", "bot")


def test_the_plot_shows_every_number_of_workers() -> None:
    drawing = scaling_svg([Scaling(1, 4.0, 3.9), Scaling(16, 4.0, 62.0)])

    words = " ".join(ET.fromstring(drawing).itertext())
    assert "3.9 (98%)" in words
    assert "62.0 (97%)" in words


@pytest.mark.slow
async def test_the_queue_is_measured_against_the_local_one_and_with_more_workers(tmp_path: Path) -> None:
    async with nats_nodes(tmp_path / "nats", 1) as nodes:
        overhead = await run_overhead(nats_url(nodes), 10)
        scaling = await run_scaling(
            lambda prefix: nats_url(nodes, prefix), (1, 2), 0.2, 2, 2.0, tmp_path, lambda _: None
        )

    assert overhead.extra_ms == pytest.approx(1000 * (overhead.nats.p50_s - overhead.local.p50_s))
    assert [one.workers for one in scaling] == [1, 2]
    assert all(one.efficiency > 0 for one in scaling)


@pytest.mark.slow
async def test_what_one_bot_takes_in_and_answers_is_measured(tmp_path: Path) -> None:
    measured = await run_intake(60, tmp_path, {}, {})

    assert measured.database == "sqlite"
    assert measured.taken_per_s > 0
    assert measured.answered_per_s > 0


@pytest.mark.slow
async def test_every_photo_is_answered_while_nodes_workers_bots_and_the_database_are_ended_in_turn(
    tmp_path: Path,
) -> None:
    measured = await run_cluster_campaign(QUICK.cluster, BOT, tmp_path / "cluster", lambda _: None)

    assert len(measured.blows) == 12
    assert measured.holds, measured
    assert measured.stored == measured.photos
    assert measured.replies == {"answer": measured.photos}
