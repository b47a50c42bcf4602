"""Object storage by URL, and what can go wrong with it in the words of this room.

`s3://BUCKET/PREFIX` (any S3-compatible server), `gs://BUCKET/PREFIX`, `az://CONTAINER/PREFIX`. Server and keys come
from the usual variables: `AWS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID`, …, `GOOGLE_…`, `AZURE_STORAGE_ACCOUNT_NAME`, ….
https://developmentseed.org/obstore/latest/api/store/aws/
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import from_url

from db.errors import PhotoStoreUnavailable, PhotoStoreUnwritable

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore, RetryConfig

REQUEST_S = 20
RETRY_S = 15  # an outage of some seconds is waited for; a longer one is the caller's business
_NO_BUCKET = ("NoSuchBucket", "ContainerNotFound", "The specified bucket does not exist")
_INSTANCE = "169.254.169.254"  # where machines in a cloud ask for keys: nobody has given any


def open_objects(url: str) -> "ObjectStore":
    """Connects to nothing yet. Raises PhotoStoreUnwritable for what names no storage."""
    options: ClientConfig = {"timeout": timedelta(seconds=REQUEST_S), "connect_timeout": timedelta(seconds=5)}
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
    if endpoint.startswith("http://"):  # said in so many words
        options["allow_http"] = True
    retry: RetryConfig = {
        "max_retries": 30,
        "backoff": {"max_backoff": timedelta(seconds=2)},
        "retry_timeout": timedelta(seconds=RETRY_S),
    }
    with explained(url):
        return from_url(url, client_options=options, retry_config=retry)


@contextmanager
def explained(url: str) -> Iterator[None]:
    """What goes wrong inside is raised as one of our errors; what is not there stays a FileNotFoundError."""
    try:
        yield
    except FileNotFoundError as error:
        if any(word in str(error) for word in _NO_BUCKET):
            raise PhotoStoreUnwritable(f"photo store {url}: there is no such bucket; create it") from error
        raise
    except (PermissionDeniedError, UnauthenticatedError) as error:
        raise PhotoStoreUnwritable(f"photo store {url} refuses our keys or rights: {_reason(error)}") from error
    except (BaseError, OSError, ValueError) as error:
        raise PhotoStoreUnavailable(f"photo store {url} cannot be used: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    """The first line; the rest is the driver's own structures."""
    line = str(error).strip().partition("\n")[0][:300]
    return f"no keys are given, nor has this machine any ({line})" if _INSTANCE in line else line
