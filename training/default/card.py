"""The model card: what the model is, how it was made, how good it is, and where not to trust it."""

from training.evaluation.metrics import Metrics, Share


def model_card(model: str, backbone: str, recipe: str, facts: dict[str, str], caveat: str, metrics: Metrics) -> str:
    """Markdown.

    Args:
        model: id of the head.
        backbone: id of the backbone.
        recipe: name of the recipe.
        facts: further rows of the first table, label → value.
        caveat: the recipe's own, a list item.
        metrics: on the test split, which nothing was chosen by.
    """
    rows = {"Backbone": backbone, "Recipe": f"`breedbot train --recipe {recipe}`", **facts}
    table = "\n".join(f"| {label} | {value} |" for label, value in rows.items())
    worst = sorted(metrics.breeds.items(), key=lambda item: item[1].recall)[:8]
    scores = f"{metrics.precision:.3f}, {metrics.recall:.3f}"
    weak = "\n".join(f"| {breed} | {one.recall:.2f} | {one.precision:.2f} | {one.n} |" for breed, one in worst)
    return f"""# Model card: {model}

Names the breed of the dog in a photo, says "unsure" where it does not know and "not a dog" where there is none.

| | |
|---|---|
{table}

## How good it is
On {metrics.n:,} test photos that took no part in training, nor in choosing anything ({metrics.top1.n:,} with a dog,
{metrics.not_a_dog_rejected.n:,} without). Intervals are 95 % (Wilson for shares, bootstrap for the rest).

| | value | interval | n |
|---|---|---|---|
{_row("Top-1 accuracy, dogs", metrics.top1)}
{_row("Top-3 accuracy, dogs", metrics.top3)}
{_row("Photos without a dog rejected", metrics.not_a_dog_rejected)}
{_row("Dogs rejected by mistake", metrics.dogs_rejected)}
{_row("Dogs answered with “unsure”", metrics.unsure)}
{_row("Top-1 accuracy where a breed was named", metrics.answered_top1)}
| Macro precision, recall | {scores} | | {metrics.top1.n} |
{_mean("Macro F1", "f1", metrics, metrics.top1.n)}
{_mean("Expected calibration error (15 equal-mass bins)", "ece", metrics, metrics.top1.n)}
{_mean("Area under risk–coverage", "aurc", metrics, metrics.top1.n)}
{_mean("Negative log likelihood, all photos", "loss", metrics, metrics.loss_n)}

![Reliability](report/reliability.png)
![Risk and coverage](report/risk_coverage.png)

Weakest breeds:

| breed | recall | precision | n |
|---|---|---|---|
{weak}

## Caveats
- **Optimistic numbers.** Nearly every photo comes from collections derived from ImageNet, which the backbone was
  pre-trained on: like all published work of this kind, the accuracy on people's own photos will be lower.
- Labels are cleaned, not perfect; some "mistakes" above are the label's.
- Look-alikes (toy and miniature poodle, foxhound and Walker hound, German shepherd and malinois …) stay hard: read the
  runner-ups.
- Mixed breeds are not in the data. A mix gets the breeds that it resembles, often with the answer "unsure".
{caveat}

## Data and credit
Photos from public research and hobby collections, mostly Stanford Dogs (Khosla et al. 2011) and ImageNet (Deng et al.
2009) material, for research use; none is part of this package. Only features of them are: int8 numbers from which the
photos cannot be restored.
"""


def _row(title: str, share: Share) -> str:
    return f"| {title} | {share.value:.3f} | {share.low:.3f}–{share.high:.3f} | {share.n} |"


def _mean(title: str, name: str, metrics: Metrics, n: int) -> str:
    value, interval = getattr(metrics, name), metrics.intervals.get(name)
    between = f"{interval[0]:.3f}–{interval[1]:.3f}" if interval else ""
    return f"| {title} | {'' if value is None else f'{value:.3f}'} | {between} | {n} |"
