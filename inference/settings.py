"""Where models are, which engine runs them and which queue feeds them."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator
from pydantic_settings import BaseSettings, SettingsConfigDict

from inference.queue import check_queue_url


class Engine(StrEnum):
    """What runs the backbone."""

    AUTO = "auto"
    OPENVINO = "openvino"
    KERAS = "keras"


class InferenceSettings(BaseSettings):
    """``BREEDBOT_…`` keys of this room."""

    model_config = SettingsConfigDict(env_prefix="BREEDBOT_", env_file=".env", env_ignore_empty=True, extra="ignore")

    data_dir: Path = Path("var")
    model_store: str = ""
    engine: Engine = Engine.AUTO
    queue_url: Annotated[str, AfterValidator(check_queue_url)] = "local:"

    @property
    def model_folder(self) -> Path:
        """Folder of the host's own models; the shipped one lies in the package."""
        return Path(self.model_store) if self.model_store else self.data_dir / "models"
