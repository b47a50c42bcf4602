"""How long the bot waits for things. Tests use a hurried one."""

from dataclasses import dataclass, field

from core.retry import Backoff


@dataclass(frozen=True, slots=True)
class Timing:
    """Waits of the Telegram side, in seconds.

    Attributes:
        poll_s: how long a getUpdates may hang; Telegram allows up to 50.
        hasty_s: pause after an empty answer to a long poll that came sooner than that.
        offset_kept_s: after so long without updates the next one may have any id, also a lower one.
        request_s: how long any other request may take.
        download_s: how long a file may take.
        slow_file_s: who waits so long for a file to be fetched is told, once.
        at_once: pauses between the tries of one request while its caller waits.
        tries_at_once: how many such tries.
        patience_s: a longer pause is not waited out by the caller; the whole chat is put off instead.
        limits_hurry: how many times faster than Telegram's own its limits are taken to be.
        in_trouble: pauses of a chat, or of intake, that cannot get through.
        fault: pauses before a handler is tried again after an error of ours.
        typing_every_s: Telegram shows "typing…" for 5 s.
        company_s: how long anybody is kept company at the most.
        notice_after_s: from this wait on people are told their place in the queue.
        album_quiet_s: an album is complete when no photo of it has come for so long; they come together.
        album_patience_s: …and one whose photo cannot be fetched is answered without it then; it is added later.
        webhook_look_s: how often Telegram is asked what it knows of our webhook.
        room_tick_s: how often a full queue is looked at when no result frees a place.
        tidy_s: how often the house is kept while the bot runs.
        erase_s: how often photos that may not be kept are looked for.
        sweep_s: how often the database is asked for work that slipped out of our hands, and for thanks to be said.
        thanks_every_s: pause after each of them; Telegram takes 30 messages a second, and answers go first.
        decision_settled_s: for how long a decision must have stood before its person hears of it.
    """

    poll_s: float = 30.0
    hasty_s: float = 0.3
    offset_kept_s: float = 86_400.0
    request_s: float = 20.0
    download_s: float = 60.0
    slow_file_s: float = 15.0
    at_once: Backoff = field(default=Backoff(base_s=0.3, cap_s=2.0))
    tries_at_once: int = 3
    patience_s: float = 2.0
    limits_hurry: float = 1.0
    in_trouble: Backoff = field(default=Backoff(base_s=1.0, cap_s=60.0))
    fault: Backoff = field(default=Backoff(base_s=1.0, cap_s=10.0))
    typing_every_s: float = 4.5
    company_s: float = 3600.0
    notice_after_s: float = 3.0
    album_quiet_s: float = 1.0
    album_patience_s: float = 20.0
    webhook_look_s: float = 60.0
    room_tick_s: float = 1.0
    tidy_s: float = 86_400.0
    erase_s: float = 300.0
    sweep_s: float = 60.0
    thanks_every_s: float = 0.2
    decision_settled_s: float = 60.0
