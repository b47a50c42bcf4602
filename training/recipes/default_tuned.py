"""The default model with conv5 fine-tuned once more, taught by a better network: so far without gain.

Command   breedbot train --recipe default-tuned --data ../shared/dogs --backbone-weights weights.npz --teacher lite2.xml
Data      as for the default recipe; lite2.xml: training/networks/convert_teacher.py
Time      25 minutes of two cores that compute in bf16 and have nothing else to do
Expected  no more than the default recipe; docs/decisions/0025-no-more-fine-tuning.md has what was measured
"""

from dataclasses import replace

from training.default.fine_tune import FineTuning
from training.pictures.augment import Augmentation
from training.recipes.default import RECIPE as DEFAULT

RECIPE = replace(
    DEFAULT,
    fine_tuning=FineTuning(
        frozen_until="conv4_block6",
        epochs=1,
        input_px=160,
        learning_rate=8e-5,
        label_smoothing=0.0,
        soften=0.5,
        step=1.0,
        augmentation=Augmentation(max_aspect=1.6, border=0.2),
    ),
)
