"""One unit of work: a transaction, and the repositories that act inside it."""

from sqlalchemy.ext.asyncio import AsyncConnection

from db.activity import Activity
from db.albums import Albums
from db.chats import Chats
from db.claims import Claims
from db.clock import Clock
from db.consents import Consents
from db.console import Console
from db.evidence import Evidence
from db.feedback import Feedback
from db.history import History
from db.inbox import Inbox
from db.job_lives import JobLives
from db.jobs import Jobs
from db.judged_answers import JudgedAnswers
from db.leases import Leases
from db.model_versions import ModelVersions
from db.person_data import PersonDataRows
from db.photos import Photos
from db.predictions import Predictions
from db.retention import Retention
from db.retrains import Retrains
from db.review_queue import ReviewQueue
from db.reviews import Reviews
from db.shadow import Shadow
from db.stats import Stats
from db.thanks import Thanks
from db.users import Users


class Unit:
    """All or nothing: what its repositories did is committed together. Belongs to one task; keep it short."""

    def __init__(self, connection: AsyncConnection, clock: Clock) -> None:
        self.connection = connection
        self.history = History(connection, clock)
        self.inbox = Inbox(connection, clock)
        self.users = Users(connection, clock)
        self.person_data = PersonDataRows(connection, clock)
        self.photos = Photos(connection, clock)
        self.jobs = Jobs(connection, clock)
        self.job_lives = JobLives(connection, clock)
        self.leases = Leases(connection, clock)
        self.predictions = Predictions(connection, clock)
        self.feedback = Feedback(connection, clock)
        self.reviews = Reviews(connection, clock)
        self.model_versions = ModelVersions(connection, clock)
        self.judged = JudgedAnswers(connection, clock)
        self.activity = Activity(connection, clock)
        self.albums = Albums(connection, clock)
        self.chats = Chats(connection, clock)
        self.claims = Claims(connection, clock)
        self.consents = Consents(connection, clock)
        self.console = Console(connection, clock)
        self.evidence = Evidence(connection, clock)
        self.retention = Retention(connection, clock)
        self.retrains = Retrains(connection, clock)
        self.review_queue = ReviewQueue(connection, clock)
        self.shadow = Shadow(connection, clock)
        self.stats = Stats(connection, clock)
        self.thanks = Thanks(connection, clock)
