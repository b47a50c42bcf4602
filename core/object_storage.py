"""Object storage by URL, and what can go wrong with it as an error of the room that asks.

`s3://BUCKET/PREFIX` (any S3-compatible server), `gs://BUCKET/PREFIX`, `az://CONTAINER/PREFIX`. Server and keys come
from the usual variables: `AWS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID`, …, `GOOGLE_…`, `AZURE_STORAGE_ACCOUNT_NAME`, ….
https://developmentseed.org/obstore/latest/api/store/aws/
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    NotModifiedError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)
from obstore.store import from_url

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore, RetryConfig

RETRY_S = 15  # an outage of some seconds is waited for; a longer one is the caller's business
_NO_BUCKET = ("NoSuchBucket", "ContainerNotFound", "The specified bucket does not exist")
_INSTANCE = "169.254.169.254"  # where machines in a cloud ask for keys: nobody has given any


def open_objects(url: str, request_s: float) -> "ObjectStore":
    """Connects to nothing yet; what names no storage is an error that `explained` explains."""
    options: ClientConfig = {"timeout": timedelta(seconds=request_s), "connect_timeout": timedelta(seconds=5)}
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
    if endpoint.startswith("http://"):  # said in so many words
        options["allow_http"] = True
    retry: RetryConfig = {
        "max_retries": 30,
        "backoff": {"max_backoff": timedelta(seconds=2)},
        "retry_timeout": timedelta(seconds=RETRY_S),
    }
    return from_url(url, client_options=options, retry_config=retry)


@contextmanager
def explained(place: str, unavailable: type[Exception], unusable: type[Exception]) -> Iterator[None]:
    """What goes wrong inside is raised as `unavailable` (try again) or `unusable` (somebody has to mend it).

    What is not there stays a FileNotFoundError, and a condition that is not met what it is.
    """
    try:
        yield
    except (AlreadyExistsError, PreconditionError, NotModifiedError):
        raise
    except FileNotFoundError as error:
        if any(word in str(error) for word in _NO_BUCKET):
            raise unusable(f"{place}: there is no such bucket; create it") from error
        raise
    except (PermissionDeniedError, UnauthenticatedError) as error:
        raise unusable(f"{place} refuses our keys or rights: {_reason(error)}") from error
    except (BaseError, OSError, ValueError) as error:
        raise unavailable(f"{place} cannot be used: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    """The first line; the rest is the driver's own structures."""
    line = str(error).strip().partition("\n")[0][:300]
    return f"no keys are given, nor has this machine any ({line})" if _INSTANCE in line else line
