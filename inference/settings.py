"""Where models are, which engine runs them and which queue feeds them."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.place import folder_or_bucket
from inference.queue.nats.url import NatsUrl
from inference.queue.protocol import check_queue_url, is_shared


class Engine(StrEnum):
    """What runs the backbone."""

    AUTO = "auto"
    OPENVINO = "openvino"
    KERAS = "keras"


class InferenceSettings(BaseSettings):
    """``BREEDBOT_…`` keys of this room."""

    model_config = SettingsConfigDict(env_prefix="BREEDBOT_", env_file=".env", env_ignore_empty=True, extra="ignore")

    data_dir: Path = Path("var")
    model_store: Annotated[Path | str, BeforeValidator(folder_or_bucket)] = Path("var/models")
    """A folder, or as text the URL of a bucket. Default: in `data_dir`."""
    engine: Engine = Engine.AUTO
    queue_url: Annotated[str, AfterValidator(check_queue_url)] = "local:"

    @model_validator(mode="after")
    def _models_inside_data_dir(self) -> Self:
        if "model_store" not in self.model_fields_set:
            self.__dict__["model_store"] = self.data_dir / "models"
        return self

    @property
    def model_cache(self) -> Path:
        """Folder for what is fetched from a bucket of models."""
        return self.data_dir / "model_cache"

    @property
    def queue_secrets(self) -> tuple[str, ...]:
        """What no log line may show of the queue's address."""
        return NatsUrl.parse(self.queue_url).secrets if is_shared(self.queue_url) else ()

    @property
    def own_breeds(self) -> Path:
        """File of the host's own breeds; the others ship in the package."""
        return self.data_dir / "breeds.json"
