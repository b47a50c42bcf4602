"""One unit of work: a transaction, and the repositories that act inside it."""

from sqlalchemy.ext.asyncio import AsyncConnection

from db.clock import Clock
from db.feedback import Feedback
from db.inbox import Inbox
from db.jobs import Jobs
from db.model_versions import ModelVersions
from db.photos import Photos
from db.predictions import Predictions
from db.reviews import Reviews
from db.users import Users


class Unit:
    """All or nothing: what its repositories did is committed together. Belongs to one task; keep it short."""

    def __init__(self, connection: AsyncConnection, clock: Clock) -> None:
        self.connection = connection
        self.inbox = Inbox(connection, clock)
        self.users = Users(connection, clock)
        self.photos = Photos(connection, clock)
        self.jobs = Jobs(connection, clock)
        self.predictions = Predictions(connection, clock)
        self.feedback = Feedback(connection, clock)
        self.reviews = Reviews(connection, clock)
        self.model_versions = ModelVersions(connection, clock)
