"""A Bot API server on localhost with a chat page: for people without a token, and for the end-to-end tests."""

from sandbox.api.errors import UploadRefused
from sandbox.chat_message import ChatMessage
from sandbox.faults import DOWNLOAD, FaultKind, FaultRule, Faults
from sandbox.sandbox import LocalChat, Press
from sandbox.state.people import ALICE, BRUNO, CHLOE, DAN, DOG_PARK, DOG_WALK, PERSONAS, Group, Persona
from sandbox.state.world import CallbackAnswer, Limits

__all__ = [
    "ALICE",
    "BRUNO",
    "CHLOE",
    "DAN",
    "DOG_PARK",
    "DOG_WALK",
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
