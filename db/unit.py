"""One unit of work: a transaction, and the repositories that act inside it."""

from typing import Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from core.clock import Clock
from db.admin.activity import Activity
from db.admin.api_tokens import ApiTokens
from db.admin.console_sessions import Console
from db.admin.stats import Stats
from db.admin.waiting import Waiting
from db.chat.albums import Albums
from db.chat.chats import Chats
from db.chat.history import History
from db.chat.inbox import Inbox
from db.chat.job_attempts import JobAttempts
from db.chat.jobs import Jobs
from db.chat.leader_lease import Leases
from db.chat.outbox import Outbox
from db.chat.photos import Photos
from db.chat.predictions import Predictions
from db.chat.users import Users
from db.learning.answer_opinions import AnswerOpinions
from db.learning.claim_notices import ClaimNotices
from db.learning.claims import Claims
from db.learning.decisions import Decisions
from db.learning.feedback import Feedback
from db.learning.model_claims import Evidence
from db.learning.model_versions import ModelVersions
from db.learning.retrains import Retrains
from db.learning.review_queue import ReviewQueue
from db.learning.reviews import Reviews
from db.learning.shadow_scores import Shadow
from db.learning.teachers import Teachers
from db.learning.thanks import Thanks
from db.privacy.consents import Consents
from db.privacy.person_data import PersonDataRows
from db.privacy.retention import Retention
from db.repository import Repository

R = TypeVar("R", bound=Repository)


class _Made(Generic[R]):
    """A repository that is made when it is asked for: a unit needs two or three of them."""

    def __init__(self, kind: type[R]) -> None:
        self._kind = kind

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, unit: "Unit", owner: type) -> R:
        made = unit.__dict__[self._name] = self._kind(unit.connection, unit.clock)
        return made


class Unit:
    """All or nothing: what its repositories did is committed together. Belongs to one task; keep it short."""

    history = _Made(History)
    inbox = _Made(Inbox)
    outbox = _Made(Outbox)
    users = _Made(Users)
    person_data = _Made(PersonDataRows)
    photos = _Made(Photos)
    jobs = _Made(Jobs)
    job_attempts = _Made(JobAttempts)
    leases = _Made(Leases)
    predictions = _Made(Predictions)
    feedback = _Made(Feedback)
    reviews = _Made(Reviews)
    model_versions = _Made(ModelVersions)
    judged = _Made(AnswerOpinions)
    activity = _Made(Activity)
    api_tokens = _Made(ApiTokens)
    albums = _Made(Albums)
    chats = _Made(Chats)
    claim_notices = _Made(ClaimNotices)
    claims = _Made(Claims)
    consents = _Made(Consents)
    console = _Made(Console)
    decisions = _Made(Decisions)
    evidence = _Made(Evidence)
    retention = _Made(Retention)
    retrains = _Made(Retrains)
    review_queue = _Made(ReviewQueue)
    shadow = _Made(Shadow)
    stats = _Made(Stats)
    teachers = _Made(Teachers)
    thanks = _Made(Thanks)
    waiting = _Made(Waiting)

    def __init__(self, connection: AsyncConnection, clock: Clock) -> None:
        self.connection = connection
        self.clock = clock
