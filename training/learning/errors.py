"""What can keep a retrain from being made; drawn in `__init__.py`."""

from inference.model.artefact import ArtefactError


class LearningError(Exception):
    """Nothing was learned, and nothing has changed."""


class RetrainUnderWay(LearningError):
    """Another process retrains with this data folder."""


class StoreNotFit(LearningError):
    """The champion or what it is made from cannot be learned from."""


class TaughtByForgotten(ArtefactError):
    """A model may not answer (again): people who taught it were forgotten since."""


class CandidateUnwritable(LearningError):
    """The disk does not take the candidate; what was there is as it was."""
