"""The learning loop, whole: what people say about answers → a better head that answers them.

In the order in which it runs, a folder a step (README.md says what comes in and goes out):

feedback/     a claim is decided about by a reviewer, listed, exported
trust/        … or by the trust policy, where no moderator is at hand
retrain/      when it is due, accepted claims become a candidate
gate/         which is measured beside the champion, and refused or let through
promotion/    tried on live photos, promoted, watched, and taken back if people disagree with it
simulation/   the same loop on made-up people: what is a review worth?

`ledger.py` tells afterwards whose feedback made a model and why it passed.

LearningError            nothing was changed
├── RetrainUnderWay      another process retrains here
├── StoreNotFit          the model store holds nothing to start from
└── CandidateUnwritable  the model store takes nothing
"""
