"""VGG19 frozen, its maps flattened, one dense layer: three convolutions more than VGG16.

Command   breedbot train --recipe five-vgg19 --data ../shared/dogs
Data      maltese, scottish_deerhound (irish_wolfhound where there is none), french_bulldog, afghan_hound, pomeranian
Time      three minutes for the features on two cores, once; then seconds
Expected  the study considered it and gives no number; 20,149,829 parameters, 125,445 of them trainable
"""

from training.studies.reference.recipe import StudyRecipe

RECIPE = StudyRecipe(
    test_name="VGG19 flatten + dense",
    network="vgg19",
    join="flatten",
    learning_rate=1e-3,
    epochs=30,
    patience=5,
)
