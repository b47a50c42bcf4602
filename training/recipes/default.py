"""132 breeds and "not a dog" on a fine-tuned ResNet50 that a better network taught.

What ships is still the model before, of 83 breeds (this recipe at commit 5e51cea): docs/training.md says why.

Command   breedbot train --recipe default --data ../shared/dogs --backbone-weights weights.npz --teacher lite2.xml
Data      one folder a breed, photos.csv with the near-duplicate groups: 18,981 photos
          weights.npz: of backbone resnet50-0f3d0bdf16, that of the model before (commit 5e51cea, inference/pretrained)
          lite2.xml: training/networks/convert_teacher.py
Time      25 minutes of two cores that compute in bf16 and have nothing else to do
Expected  docs/training.md has what was measured so far
"""

from pathlib import Path

from inference.photo.preprocess import Preprocessing
from training.default.fine_tune import FineTuning
from training.default.recipe import DefaultRecipe
from training.pictures.augment import Augmentation

LISTS = Path(__file__).parents[1] / "default"
RECIPE = DefaultRecipe(
    preprocessing=Preprocessing(input_px=224, resize_px=224, rule="center_crop"),
    labels=LISTS / "wrong_labels.csv",
    never_learned=LISTS / "never_learned.txt",
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
    exemplars=45,
    caveat="- The backbone goes on from that of the model before (resnet50-0f3d0bdf16, 83 breeds), which began with\n"
    "  a pruned (81.5 % zeros) int8 ResNet50 of ImageNet top-1 of about 67 %, not with the official weights. Photos\n"
    "  that it had learned from are in neither the validation nor the test part.",
)
