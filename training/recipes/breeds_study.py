"""Accuracy against the number of breeds: the question that the reference study leaves open.

Command   breedbot train --recipe breeds-study [--data ../shared/dogs [--backbone-weights resnet50.weights.h5]]
Data      one folder a breed, photos.csv with the near-duplicate groups; without any the features that ship are studied
Time      five minutes of a core for 249 heads; with photos the features before, as many as the network makes
Expected  top-1 0.98 with 5 breeds, 0.89 with 132 (all photos, 55 a breed); docs/breeds-study.md has it all
"""

from training.studies.breeds.recipe import BreedsStudy

RECIPE = BreedsStudy()
