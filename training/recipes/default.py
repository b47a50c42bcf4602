"""A head for 132 breeds and "not a dog" on two networks: a ResNet50 fine-tuned for 83 of them, and EfficientNet-Lite2.

Command   breedbot train --recipe default --data ../shared/dogs --backbone-weights pair.npz
Data      one folder a breed, photos.csv with the near-duplicate groups: 18,981 photos
          pair.npz: weights.npz of the backbone that ships, or made by training/networks/convert_lite2.py
Time      half an hour of two cores that compute in float32 and have nothing else to do
Expected  top-1 among 132 breeds: 0.89 on photos of those 83, 0.91 on the other 49 (docs/training.md)
"""

from pathlib import Path

from inference.photo.preprocess import Preprocessing
from training.default.recipe import DefaultRecipe

LISTS = Path(__file__).parents[1] / "default"
RECIPE = DefaultRecipe(
    preprocessing=Preprocessing(input_px=224, resize_px=224, rule="center_crop"),
    l2=(0.01, 0.03, 0.06, 0.12),
    labels=LISTS / "wrong_labels.csv",
    never_learned=LISTS / "never_learned.txt",
    fine_tuning=None,
    exemplars=45,
    caveat="- ResNet50 goes on from that of the model before (resnet50-0f3d0bdf16, 83 breeds), which began with a\n"
    "  pruned (81.5 % zeros) int8 ResNet50 of ImageNet top-1 of about 67 %, not with the official weights. Photos\n"
    "  that it had learned from are in neither the validation nor the test part.",
)
