"""Which breeds are told apart, and by how many photos: every trial of the study of breeds."""

from training.data.read.study_breeds import STAND_INS, STUDY_BREEDS
from training.studies.breeds.look_alikes import LookAlikes
from training.studies.breeds.recipe import BreedsStudy
from training.studies.breeds.subset_trial import TrialPlan
from training.studies.breeds.subsets import BreedSubset, easy_subsets, hard_subsets, random_subsets


def trial_plans(study: BreedsStudy, breeds: tuple[str, ...], alike: LookAlikes) -> list[TrialPlan]:
    """All sizes alike first, then fewer and more photos a breed; without repeats."""
    everything = BreedSubset("all", 0, breeds)
    chosen = {size: random_subsets(breeds, size, study.subsets, study.seed) for size in study.sizes}
    subsets = [subset for size in study.sizes for subset in chosen[size]]
    subsets += _five(breeds)
    subsets += easy_subsets(breeds, alike.alike, study.sizes, study.extremes, study.seed)
    subsets += hard_subsets(breeds, alike.alike, study.sizes, study.extremes)
    plans = [TrialPlan(subset, study.each) for subset in [*subsets, everything]]
    for each in (*study.learning, None):
        for size in (study.sizes[0], study.sizes[len(study.sizes) // 2]):
            plans += [TrialPlan(subset, each) for subset in chosen[size][: study.learning_subsets]]
        plans += [TrialPlan(everything, each, draw) for draw in range(1 if each is None else study.draws)]
    return list(dict.fromkeys(plans))


def _five(breeds: tuple[str, ...]) -> list[BreedSubset]:
    """The reference study's, as far as they or their stand-ins are there."""
    five = {breed if breed in breeds else STAND_INS.get(breed, breed) for breed in STUDY_BREEDS}
    return [BreedSubset("five", 0, tuple(sorted(five)))] if five <= set(breeds) else []
