"""VGG16 frozen, its maps flattened, one dense layer: the study's second network.

Command   breedbot train --recipe five-vgg16 --data ../shared/dogs
Data      maltese, scottish_deerhound (irish_wolfhound where there is none), french_bulldog, afghan_hound, pomeranian
Time      two minutes for the features on two cores, once; then seconds
Expected  accuracy 0.9369, loss 3.49 in the study; 14,840,133 parameters, 125,445 of them trainable
"""

from training.studies.reference.recipe import StudyRecipe

RECIPE = StudyRecipe(
    test_name="VGG16 flatten + dense",
    network="vgg16",
    join="flatten",
    learning_rate=1e-3,
    epochs=30,
    patience=5,
)
