"""The word that all log lines about one photo share. It can be told from the database, so it outlives a restart."""

from db.chat.chat_records import JobRecord


def trace_of_update(update_id: int | None) -> str:
    """`update_id` of the inbox; it says nothing of anybody, and leads to the photo's job."""
    return f"u{update_id}" if update_id is not None else ""


def trace_of(job: JobRecord) -> str:
    """That of the update which brought the photo; further frames of a film have their own."""
    return trace_of_update(job.update_id) or f"j{job.id}"
