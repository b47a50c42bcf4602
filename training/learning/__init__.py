"""Accepted feedback → a better head, or none: what it learns from, how it is measured, what the ledger keeps of it.

`retrain.py` runs it: `evidence.py` gathers what people taught, `lesson.py` teaches a head (pure), `gate.py` judges it
beside the champion (pure), `candidate_folder.py` writes what passed, and `ledger.py` tells afterwards what a model is
made of.

LearningError            nothing was changed
├── RetrainUnderWay      another process retrains here
├── StoreNotFit          the model store holds nothing to start from
└── CandidateUnwritable  the model store takes nothing
"""
