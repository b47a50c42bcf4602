"""What the bot is made of: each part is made once, of the parts that it needs."""

from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property

from bot.alerts.alerts import Alerts, Surroundings
from bot.conversation.breeds.search import BreedSearch
from bot.conversation.claims.notices import ClaimNoticesStage
from bot.conversation.context import Context
from bot.conversation.features import conversation
from bot.conversation.groups.rules import Groups
from bot.conversation.heatmap.handler import Heatmaps
from bot.conversation.heatmap.port import Heatmap
from bot.conversation.models.handler import Models
from bot.conversation.models.retrain import Retrains
from bot.conversation.moderation.moderators import Moderators
from bot.conversation.moderation.review import ConsoleLink, Review
from bot.conversation.photo.fair_use import FairUse
from bot.conversation.photo.handler import Photos
from bot.conversation.photo.photo_file import PhotoFiles
from bot.conversation.privacy.handler import Privacy
from bot.conversation.router import Router
from bot.health import Health
from bot.http_server import WebServer
from bot.metrics import Metrics
from bot.pipeline.albums import AlbumStage
from bot.pipeline.inbox import InboxStage, Intake
from bot.pipeline.jobs import Results, Submitter
from bot.pipeline.leader import Leader, LeaseTimes, Looks
from bot.pipeline.outbox import OutboxStage
from bot.pipeline.thanks import ThanksStage
from bot.pipeline.waiting_notice import WaitingNotices
from bot.settings import BotSettings
from bot.telegram.client import TelegramBot
from bot.telegram.downloads import Downloads
from bot.telegram.polling import Polling
from bot.telegram.sender import Sender
from bot.telegram.webhook import Webhook
from bot.term import Term
from bot.timing import Timing
from core.breeds.catalogue import catalogue
from core.supervisor import Supervisor
from db.database import Database
from db.photos.photo_store import PhotoStore
from db.privacy.retention_guard import RetentionGuard
from inference.queue.protocol import JobQueue
from training.learning.promotion.service import Learning


@dataclass(frozen=True, eq=False)
class Parts:
    """Above the line: what who wires the bot opens and closes, and whatever else there is beside it.

    Below it: what is made of that. Nothing here runs; `BotApp` starts and stops it.
    """

    settings: BotSettings  # with a token
    database: Database  # open, its tables up to date
    photo_store: PhotoStore
    queue: JobQueue  # to the worker
    _: KW_ONLY
    web: WebServer | None = None  # listening already; None = no HTTP port, so no webhook either
    health: Health = field(default_factory=Health)  # gets our checks
    metrics: Metrics = field(default_factory=Metrics)  # gets our numbers
    timing: Timing = field(default_factory=Timing)  # the waits; tests hurry
    heatmap: Heatmap | None = None  # paints what an answer rests on; None = nobody gets any
    learning: Learning | None = None  # runs beside us; None = nothing is learnt
    moderators: Moderators | None = None  # who they are at each moment; None = those of the settings
    console_link: ConsoleLink | None = None  # logs a moderator in to the web console; None = there is none
    around: Surroundings = field(default_factory=Surroundings)  # what is watched outside the bot, for alerts
    looks: Looks | None = None  # to the other bots on the same database; None = there are none; our worker is in here
    times: LeaseTimes = field(default_factory=LeaseTimes)  # of the lease that says which of them leads

    loops: Supervisor = field(default_factory=Supervisor, init=False)
    saves: Supervisor = field(default_factory=Supervisor, init=False)
    term: Term = field(default_factory=Term, init=False)  # until when we may speak

    def who_moderates(self) -> frozenset[int]:
        """Their ids, at this moment."""
        return self.moderators() if self.moderators is not None else self.settings.moderators

    @cached_property
    def bot(self) -> TelegramBot:
        """Calls the Bot API. Raises ValueError: there is no token."""
        token = self.settings.telegram_token
        if token is None:
            raise ValueError("the bot needs settings.telegram_token; without one, point it at the local chat")
        return TelegramBot(self.settings.telegram_api, token.get_secret_value(), self.timing, self.term)

    @cached_property
    def sender(self) -> Sender:
        """Says whatever is said."""
        return Sender(self.bot, self.term, self.timing, self.metrics)

    @cached_property
    def leader(self) -> Leader:
        """Which of several bots works."""
        return Leader(self.database, self.term, self.times)

    @cached_property
    def intake(self) -> Intake:
        """From Telegram to the database."""
        alone = self.looks is None
        return Intake(self.database, self.settings.inbox_limit, self.inbox.stage.look if alone else self.updates_came)

    @cached_property
    def inbox(self) -> InboxStage:
        """From the database to the handlers."""
        return InboxStage(
            self.context,
            self._router,
            self.saves,
            places=self.settings.handlers_at_once,
            language=self.settings.language,
            timing=self.timing,
        )

    @cached_property
    def submitter(self) -> Submitter:
        """From the database to the worker."""
        settings = self.settings
        return Submitter(self.queue, self.database, self.timing, settings.photos_limit, settings.photos_wait)

    @cached_property
    def results(self) -> Results:
        """From the worker to the database."""
        answer_came, album_came = self.outbox.stage.look, self.albums.stage.look
        return Results(self.database, self.submitter, self.saves, self.metrics, answer_came, album_came, self.learning)

    @cached_property
    def albums(self) -> AlbumStage:
        """When an album is complete."""
        return AlbumStage(self.database, self.saves, self.timing, self.outbox.stage.look)

    @cached_property
    def outbox(self) -> OutboxStage:
        """From the database to Telegram."""
        return OutboxStage(
            self.database, self.sender, self.waiting_notices, self.saves, self.metrics, self.settings, self.timing
        )

    @cached_property
    def waiting_notices(self) -> WaitingNotices:
        """For who waits for an answer."""
        return WaitingNotices(self.sender, self.submitter, self.database, self.loops, self.timing)

    @cached_property
    def thanks(self) -> ThanksStage:
        """For who taught."""
        return ThanksStage(self.database, self.sender, self.saves, language=self.settings.language, timing=self.timing)

    @cached_property
    def claim_notices(self) -> ClaimNoticesStage:
        """For who said something of an answer."""
        return ClaimNoticesStage(
            self.database, self.sender, self.saves, language=self.settings.language, timing=self.timing
        )

    def updates_came(self) -> None:
        """Whoever leads looks at the inbox; where there are several bots, that may be another one."""
        self.inbox.stage.look()
        if self.looks is not None and not self.leader.leads:
            self.loops.start(self.looks.say(), "look")

    @cached_property
    def retention_guard(self) -> RetentionGuard:
        """Between a wrong clock and the photos."""
        return RetentionGuard(self.database, self.settings.retention_days, self.around.retention_memory)

    @cached_property
    def alerts(self) -> Alerts:
        """For moderators."""
        return Alerts(
            self.database, self.sender, self.who_moderates, self.metrics, self.around, language=self.settings.language
        )

    @cached_property
    def polling(self) -> Polling | Webhook:
        """Where updates come from."""
        url, secret = self.settings.webhook_url, self.settings.webhook_secret
        if url is None:
            return Polling(self.bot, self.intake, self.timing, self.metrics)
        if self.web is None or secret is None:
            raise ValueError("a webhook needs settings.webhook_secret and the web server")
        return Webhook(self.bot, self.intake, self.web, url, secret.get_secret_value(), self.timing)

    @cached_property
    def context(self) -> Context:
        """For handlers."""
        settings = self.settings
        return Context(
            bot=self.bot,
            sender=self.sender,
            database=self.database,
            photo_store=self.photo_store,
            metrics=self.metrics,
            search=BreedSearch(catalogue()),
            moderators=self.who_moderates,
            groups=Groups(self.bot, self.sender, self.database),
            fair_use=FairUse(self.database, settings.photos_per_user_minute, settings.photos_per_chat_minute),
            language=settings.language,
            rule_decides=settings.trust,
        )

    @cached_property
    def _router(self) -> Router:
        downloads = Downloads(self.bot, self.timing, self.metrics, self.settings.telegram_files)
        return conversation(
            Photos(PhotoFiles(downloads, self.timing.slow_file_s), self.submitter, self.waiting_notices),
            Heatmaps(self.heatmap),
            Privacy(self.settings.retention_days),
            Review(self.heatmap, self.console_link),
            Retrains(self.learning.retrain_now if self.learning is not None else None, self.loops),
            Models(self.learning, self.settings.shadow_photos),
        )
