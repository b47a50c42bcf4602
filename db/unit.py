"""One unit of work: a transaction, and the repositories that act inside it."""

from sqlalchemy.ext.asyncio import AsyncConnection

from core.clock import Clock
from db.admin.activity import Activity
from db.admin.api_tokens import ApiTokens
from db.admin.console_sessions import Console
from db.admin.stats import Stats
from db.admin.waiting import Waiting
from db.chat.albums import Albums
from db.chat.answers import Outbox, Predictions
from db.chat.chats import Chats
from db.chat.history import History
from db.chat.inbox import Inbox
from db.chat.job_attempts import JobAttempts
from db.chat.jobs import Jobs
from db.chat.leader_lease import Leases
from db.chat.photos import Photos
from db.chat.users import Users
from db.learning.answer_opinions import AnswerOpinions
from db.learning.claims import Claims
from db.learning.decisions import Decisions
from db.learning.feedback import Feedback
from db.learning.model_versions import Evidence, ModelVersions, Teachers
from db.learning.notices import ClaimNotices, Thanks
from db.learning.retrains import Retrains
from db.learning.review_queue import ReviewQueue
from db.learning.reviews import Reviews
from db.learning.shadow_scores import Shadow
from db.privacy.consents import Consents
from db.privacy.person_data import PersonDataRows
from db.privacy.retention import Retention


class Unit:
    """All or nothing: what its repositories did is committed together. Belongs to one task; keep it short."""

    def __init__(self, connection: AsyncConnection, clock: Clock) -> None:
        self.connection = connection
        self.clock = clock
        self.history = History(connection, clock)
        self.inbox = Inbox(connection, clock)
        self.outbox = Outbox(connection, clock)
        self.users = Users(connection, clock)
        self.person_data = PersonDataRows(connection, clock)
        self.photos = Photos(connection, clock)
        self.jobs = Jobs(connection, clock)
        self.job_attempts = JobAttempts(connection, clock)
        self.leases = Leases(connection, clock)
        self.predictions = Predictions(connection, clock)
        self.feedback = Feedback(connection, clock)
        self.reviews = Reviews(connection, clock)
        self.model_versions = ModelVersions(connection, clock)
        self.judged = AnswerOpinions(connection, clock)
        self.activity = Activity(connection, clock)
        self.api_tokens = ApiTokens(connection, clock)
        self.albums = Albums(connection, clock)
        self.chats = Chats(connection, clock)
        self.claim_notices = ClaimNotices(connection, clock)
        self.claims = Claims(connection, clock)
        self.consents = Consents(connection, clock)
        self.console = Console(connection, clock)
        self.decisions = Decisions(connection, clock)
        self.evidence = Evidence(connection, clock)
        self.retention = Retention(connection, clock)
        self.retrains = Retrains(connection, clock)
        self.review_queue = ReviewQueue(connection, clock)
        self.shadow = Shadow(connection, clock)
        self.stats = Stats(connection, clock)
        self.teachers = Teachers(connection, clock)
        self.thanks = Thanks(connection, clock)
        self.waiting = Waiting(connection, clock)
