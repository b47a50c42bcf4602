"""Accuracy against the number of breeds: the question that the reference study leaves open.

Command   breedbot train --recipe breeds-study [--data ../shared/dogs [--backbone-weights resnet50.weights.h5]]
Data      one folder a breed, photos.csv with the near-duplicate groups; without any the features that ship are studied
Time      8 minutes for the features and 10 for 237 heads on two cores
Expected  top-1 0.99 with 5 breeds, 0.91 with 83, about 0.1 points a breed; docs/breeds-study.md has it all
"""

from training.studies.breeds.recipe import BreedsStudy

RECIPE = BreedsStudy()
