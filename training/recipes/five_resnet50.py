"""ResNet50 frozen, its maps averaged, one dense layer: the study's best network.

Command   breedbot train --recipe five-resnet50 --data ../shared/dogs --backbone-weights resnet50.weights.h5
Data      maltese, scottish_deerhound (irish_wolfhound where there is none), french_bulldog, afghan_hound, pomeranian
Time      half a minute for the features on two cores, once; then two seconds
Expected  accuracy 0.982, loss 0.107 in the study; 23,597,957 parameters, 10,245 of them trainable
"""

from training.studies.reference.recipe import StudyRecipe

RECIPE = StudyRecipe(
    test_name="ResNet50 pooling + dense",
    network="resnet50",
    learning_rate=3e-3,
    batch_size=1024,  # more than there are photos: an epoch is one step
    epochs=100,
    patience=10,
)
