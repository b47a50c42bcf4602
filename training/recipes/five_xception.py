"""Xception frozen, its maps averaged, one dense layer.

Command   breedbot train --recipe five-xception --data ../shared/dogs
Data      maltese, scottish_deerhound (irish_wolfhound where there is none), french_bulldog, afghan_hound, pomeranian
Time      a minute for the features on two cores, once; then seconds
Expected  the study considered it and gives no number; 20,871,725 parameters, 10,245 of them trainable
"""

from training.studies.reference.recipe import StudyRecipe

RECIPE = StudyRecipe(
    test_name="Xception pooling + dense",
    network="xception",
    learning_rate=3e-3,
    batch_size=1024,  # more than there are photos: an epoch is one step
    epochs=100,
    patience=10,
)
