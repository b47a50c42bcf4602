"""The card of a model that people's corrections made: what it learned, and why it may answer."""

from collections import Counter

from training.evaluation.metrics import Metrics, Share
from training.learning.retrain.candidate import Candidate, Starting

MOST = 15


def feedback_card(made: Candidate, start: Starting, metrics: Metrics) -> str:
    """Markdown; names no person."""
    learned, left_out = made.learned, made.learned.left_out
    reasons = (
        f"{left_out.contradicted} contradicted, {left_out.no_photo} without a photo, {left_out.unknown_breed} of "
        f"unknown breeds, {left_out.golden} about golden photos, {left_out.damaged} damaged, "
        f"{left_out.mixed} of mixes, {left_out.set_aside} set aside, since models were worse for them"
    )
    people = len(frozenset().union(*learned.people))
    breeds = Counter(learned.rows.labels.tolist())
    most = "\n".join(f"| {breed} | {count} |" for breed, count in breeds.most_common(MOST))
    checks = "\n".join(
        f"- {'✓' if check.passed else '✗'} **{check.name}**: {check.sentence}" for check in made.verdict.checks
    )
    waiting = ", ".join(f"{one.breed} ({one.photos} of {one.people} people)" for one in made.breeds.waiting)
    calibration = made.head.calibration
    return f"""# Model card: {made.head.model}

Names the breed of the dog in a photo, says "unsure" where it does not know and "not a dog" where there is none.
Made from {start.base.model} by `breedbot retrain`, out of what people corrected and reviewers accepted.

| | |
|---|---|
| Backbone | {made.head.backbone} |
| Champion before | {start.champion.model} |
| Labels | {len(made.head.labels) - 1} breeds and `not_a_dog` |
| Learned from | {len(learned):,} photos in {len(learned.events):,} accepted claims of {people:,} people |
| Corrections among them | {int(learned.corrects.sum()):,} photos |
| Measured on | {made.measured:,} photos of people it had not learned from by then |
| Breeds that joined | {", ".join(made.breeds.joining) or "none"} |
| Breeds that wait for photos | {waiting or "none"} |
| Claims left out | {reasons} |
| Calibration | temperature {calibration.temperature:.3f}, unsure below {calibration.unsure_below:.2f}, \
not a dog above {calibration.not_a_dog_above:.2f}, on half of the golden photos |

## Why it may answer
{checks}

## How good it is
On {metrics.n:,} golden photos, the half that set no threshold. The gate chose by them, so they are a little optimistic;
the base's own card has numbers on test photos that chose nothing.

| | value | interval | n |
|---|---|---|---|
{_row("Top-1 accuracy, dogs", metrics.top1)}
{_row("Top-3 accuracy, dogs", metrics.top3)}
{_row("Photos without a dog rejected", metrics.not_a_dog_rejected)}
{_row("Dogs rejected by mistake", metrics.dogs_rejected)}
{_row("Dogs answered with “unsure”", metrics.unsure)}
| Expected calibration error | {metrics.ece:.3f} | | {metrics.top1.n} |

![Reliability](report/reliability.png)
![Risk and coverage](report/risk_coverage.png)

## What it learned most of
| label | photos |
|---|---|
{most}

`breedbot models show {made.head.model}` names the photos and the reviewers.
"""


def _row(title: str, share: Share) -> str:
    return f"| {title} | {share.value:.3f} | {share.low:.3f}–{share.high:.3f} | {share.n} |"
