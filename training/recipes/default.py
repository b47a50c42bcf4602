"""The model that ships: 83 breeds and "not a dog" on a gently fine-tuned ResNet50.

Command   breedbot train --recipe default --data ../shared/dogs --backbone-weights resnet50.weights.h5
Data      one folder a breed, photos.csv with the near-duplicate groups: 12,150 photos
Time      about 70 minutes on two cores with KERAS_BACKEND=torch, 2 hours with TensorFlow
Expected  top-1 0.91, top-3 0.99, ECE 0.03, 0.97 of photos without a dog rejected; the card has the intervals
"""

from inference.photo.preprocess import Preprocessing
from training.default.fine_tune import FineTuning
from training.default.recipe import DefaultRecipe

RECIPE = DefaultRecipe(
    preprocessing=Preprocessing(input_px=224, resize_px=224, rule="center_crop"),
    fine_tuning=FineTuning(frozen_until="conv4_block6", epochs=3, learning_rate=8e-5),
    exemplars=75,
    caveat="- The backbone started from a pruned (81.5 % zeros) int8 ResNet50 with ImageNet top-1 of about 67 %,\n"
    "  not from the official weights.",
)
