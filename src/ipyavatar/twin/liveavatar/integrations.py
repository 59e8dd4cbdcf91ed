"""What an account brings of other services: their keys, and language models that these open.

The twin calls nobody, so a key is not kept: only that there is one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from ..emulator import ErrorReply, ServiceCall, ServiceReply, ServiceRequest
from ..records import Records
from .replies import error, invalid, iso_time, missing, success
from .texts import read_texts

_NAME = (1, 255)
_ID = (1, 36)
_SECRET_TEXTS = {"secret_name": _NAME, "secret_value": (1, 10_000), "secret_type": _NAME}
_MODEL_TEXTS = {
    "display_name": _NAME,
    "model_name": _NAME,
    "model": _NAME,
    "secret_id": _ID,
    "base_url": (0, 2000),
}
DEFAULT_BASE_URL = "https://api.openai.com"

MODELS = {"openai": ["gpt-4o-mini"]}
"""Of the service's own: by who makes them."""


class Secrets:
    """Keys of other services, by name.

    Args:
        new_id: Makes the id of a secret.
    """

    def __init__(self, new_id: Callable[[], str]) -> None:
        self._secrets = Records("Secret", new_id, error)

    def calls(self, key: Callable[[ServiceRequest], object]) -> Sequence[ServiceCall]:
        """Its calls; all want a key."""
        return (
            ServiceCall("secrets", "GET", "/v1/secrets", self._list, key),
            ServiceCall("new_secret", "POST", "/v1/secrets", self._new, key),
            ServiceCall("delete_secret", "DELETE", "/v1/secrets/{secret_id}", self._delete, key),
        )

    def check(self, secret_id: str) -> None:
        """Whether there is one.

        Raises:
            ErrorReply: There is none.
        """
        if secret_id not in self._secrets:
            raise ErrorReply(error(400, "secret_id: there is no such secret"))

    def _list(self, request: ServiceRequest) -> ServiceReply:  # noqa: ARG002  # as every call
        return success(self._secrets.newest_first())

    def _new(self, request: ServiceRequest) -> ServiceReply:
        texts = read_texts(request, _SECRET_TEXTS, tuple(_SECRET_TEXTS))
        # The reference and the guides name different ones; all are of this form.
        if not re.fullmatch(r"[A-Z_]+_API_KEY", texts["secret_type"]):
            words = "Input should be OPENAI_API_KEY, ELEVENLABS_API_KEY or another of that form"
            return invalid("secret_type", words, "enum")
        name, kind = texts["secret_name"], texts["secret_type"]
        kept = self._secrets.add(
            {"secret_name": name, "secret_type": kind, "created_at": iso_time(request.now)}
        )
        return success({"id": kept["id"], "secret_name": name})

    def _delete(self, request: ServiceRequest) -> ServiceReply:
        # What uses it goes on without it, and is not told: so does the service.
        self._secrets.remove(request.path["secret_id"])
        return success(None)


class LlmConfigurations:
    """Language models of others, which FULL sessions may name; the twin's responder answers.

    Args:
        new_id: Makes the id of one.
        secrets: The keys that open them.
    """

    def __init__(self, new_id: Callable[[], str], secrets: Secrets) -> None:
        self._models = Records("LLM configuration", new_id, error)
        self._secrets = secrets

    def calls(self, key: Callable[[ServiceRequest], object]) -> Sequence[ServiceCall]:
        """Its calls; only the service's own models are told without a key."""
        every = "/v1/llm-configurations"
        one = f"{every}/{{config_id}}"
        return (
            ServiceCall("llm_models", "GET", "/v1/llm-models", self._list_models),
            ServiceCall("llm_configurations", "GET", every, self._list, key),
            ServiceCall("new_llm_configuration", "POST", every, self._new, key),
            # The guide has it with an underscore.
            ServiceCall("new_llm_configuration", "POST", every.replace("-", "_"), self._new, key),
            ServiceCall("llm_configuration", "GET", one, self._one, key),
            ServiceCall("change_llm_configuration", "PATCH", one, self._change, key),
            ServiceCall("delete_llm_configuration", "DELETE", one, self._delete, key),
        )

    def _list_models(self, request: ServiceRequest) -> ServiceReply:  # noqa: ARG002
        return success(MODELS)

    def _list(self, request: ServiceRequest) -> ServiceReply:  # noqa: ARG002  # as every call
        return success(self._models.newest_first())

    def _new(self, request: ServiceRequest) -> ServiceReply:
        wish = self._read(request, ("secret_id",))
        if "model_name" not in wish:
            return missing("model_name")
        values = {"base_url": DEFAULT_BASE_URL, "display_name": wish["model_name"], **wish}
        made_at = iso_time(request.now)
        return success(
            {**self._models.add({**values, "created_at": made_at, "updated_at": made_at})}
        )

    def _one(self, request: ServiceRequest) -> ServiceReply:
        return success({**self._models.find(request.path["config_id"])})

    def _change(self, request: ServiceRequest) -> ServiceReply:
        model = self._models.find(request.path["config_id"])
        model.update(self._read(request), updated_at=iso_time(request.now))
        return success({**model})

    def _delete(self, request: ServiceRequest) -> ServiceReply:
        self._models.remove(request.path["config_id"])
        return success(None)

    def _read(self, request: ServiceRequest, needed: Sequence[str] = ()) -> dict[str, Any]:
        """What the body has of one.

        Raises:
            ErrorReply: A member is not what is documented.
        """
        wish = read_texts(request, _MODEL_TEXTS, needed)
        # The guide for agents writes `model`, and no name to show.
        model = wish.pop("model", None)
        if model is not None:
            wish.setdefault("model_name", model)
        if "secret_id" in wish:
            self._secrets.check(wish["secret_id"])
        return {**wish}
