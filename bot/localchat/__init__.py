"""A Bot API server on localhost with a chat page: for people without a token, and for the end-to-end tests."""

from bot.localchat.chat_message import ChatMessage
from bot.localchat.errors import UploadRefused
from bot.localchat.faults import DOWNLOAD, FaultKind, FaultRule, Faults
from bot.localchat.limits import Limits
from bot.localchat.local_chat import LocalChat, Press
from bot.localchat.people import ALICE, BRUNO, CHLOE, DAN, DOG_PARK, PERSONAS, Group, Persona
from bot.localchat.world import CallbackAnswer

__all__ = [
    "ALICE",
    "BRUNO",
    "CHLOE",
    "DAN",
    "DOG_PARK",
    "DOWNLOAD",
    "PERSONAS",
    "CallbackAnswer",
    "ChatMessage",
    "FaultKind",
    "FaultRule",
    "Faults",
    "Group",
    "Limits",
    "LocalChat",
    "Persona",
    "Press",
    "UploadRefused",
]
