"""All 120 breeds of Stanford Dogs on frozen ResNet50 features: what the study left for later.

Command   breedbot data fetch dogs && breedbot train --recipe stanford-120 --data dogs
Data      Stanford Dogs with its lists (12,000 photos to train and stop by, 8,580 to measure on); else split by seed
Time      12 minutes for the features on two cores, once; then a minute
Expected  no number yet that was measured on the official weights; 23,833,592 parameters, 245,880 of them trainable
"""

from training.studies.reference.data import STANFORD_BREEDS
from training.studies.reference.recipe import StudyRecipe

RECIPE = StudyRecipe(
    test_name="ResNet50 pooling + dense, 120 breeds",
    network="resnet50",
    breeds=STANFORD_BREEDS,
    division="official",
    validation=0.1,
    learning_rate=1e-3,
    batch_size=256,
    epochs=100,
    patience=5,
)
