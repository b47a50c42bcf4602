"""The study's own network, trained from nothing on five breeds.

Command   breedbot train --recipe five-scratch --data ../shared/dogs
Data      maltese, scottish_deerhound (irish_wolfhound where there is none), french_bulldog, afghan_hound, pomeranian
Time      about a minute an epoch on two cores, seconds on a GPU
Expected  accuracy 0.46 (the study's best of many, after 10 epochs); 20,174,277 parameters, all trainable
"""

from inference.photo.preprocess import Preprocessing
from training.studies.reference.recipe import StudyRecipe

RECIPE = StudyRecipe(
    test_name="from scratch, 3 + 1 dense layers",
    network="scratch",
    dense=(128, 64, 32),
    preprocessing=Preprocessing(input_px=299, resize_px=299, rule="squash"),
    steps="equalise",
    augmentation="study",
    epochs=30,
    patience=10,
)
