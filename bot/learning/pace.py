"""How often the learning loop looks at things, in seconds. Tests use a hurried one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LearningPace:
    """Waits of the learning loop.

    Attributes:
        follow_s: between two looks at the champion pointer, which cost microseconds.
        judge_s: between two looks at the candidate and at what people say of the champion; a candidate that has been
            seen often enough is looked at at once.
        look_s: between two looks for an occasion to retrain.
    """

    follow_s: float = 5.0
    judge_s: float = 60.0
    look_s: float = 300.0
