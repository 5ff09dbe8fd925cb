"""What a model file says about its endpoint at RunPod, and how the form's values become the handler's input."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationInfo, model_validator

from backends.base import Spec
from media_kinds import KINDS, MediaKind

Key = Annotated[str, Field(pattern=r"^[A-Za-z_]\w*$")]
MediaKey = Annotated[str, Field(pattern=r"^[A-Za-z_]\w*(\{\}\w*)?$")]
EndpointId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]


class Switch(BaseModel):
    """A parameter that is on or off here, and one of two words there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Key
    on: JsonValue
    off: JsonValue


class RunPodSpec(Spec):
    """Where the endpoint is named, what it makes, and what its handler calls the inputs.

    A parameter goes by its own name, unless `inputs` has another, `media` makes it a file, or `omit` leaves it out.
    """

    endpoint: EndpointId | None = Field(None, description="The endpoint's id, for a model file of one's own")
    endpoint_setting: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")] | None = Field(
        None, description="The environment variable that has the endpoint's id"
    )
    result: MediaKind | Annotated[tuple[MediaKind, ...], Field(min_length=1)] = Field(
        description="What comes back, or each of what may"
    )
    media: Mapping[str, MediaKey] = Field(
        {}, description="What each file is called: `wav` stands for wav_path, wav_url or wav_base64, as does `wav_{}`"
    )
    inputs: Mapping[str, Key | Switch] = Field({}, description="What a parameter is called, where it is not its name")
    omit: frozenset[str] = Field(frozenset(), description="Parameters that are not sent")
    when_set: frozenset[str] = Field(frozenset(), description="Texts that are left out when they are empty")
    fixed: Mapping[Key, JsonValue] = Field({}, description="What is sent always, unless a parameter says otherwise")
    groups: Mapping[Key, list[Mapping[Key, str]]] = Field(
        {}, description="Lists of objects from parameters; one of which a text is empty is left out"
    )

    @property
    def kinds(self) -> tuple[MediaKind, ...]:
        """The kinds of files that a job may give; one alone, too, is written without a list."""
        return (self.result,) if isinstance(self.result, str) else self.result

    @property
    def grouped(self) -> frozenset[str]:
        """The parameters that are sent inside the objects of `groups`, not under a key of their own."""
        return frozenset(name for items in self.groups.values() for item in items for name in item.values())

    @model_validator(mode="after")
    def _one_endpoint(self) -> Self:
        if (self.endpoint is None) == (self.endpoint_setting is None):
            raise ValueError("either endpoint or endpoint_setting is needed")
        return self

    @model_validator(mode="after")
    def _fits_the_model(self, info: ValidationInfo) -> Self:
        """Where the model's parameters are known, every name must be one of them, and every file have its key."""
        kinds: Mapping[str, str] | None = (info.context or {}).get("parameters")
        if kinds is not None:
            _check_names(self, kinds)
        return self


def _check_names(spec: RunPodSpec, kinds: Mapping[str, str]) -> None:
    named: dict[str, Any] = {
        "media": spec.media,
        "inputs": spec.inputs,
        "omit": spec.omit,
        "when_set": spec.when_set,
        "groups": spec.grouped,
    }
    for place, names in named.items():
        if unknown := sorted(set(names) - kinds.keys()):
            raise ValueError(f"{place} names {unknown[0]}, which is no parameter of the model")
    files = {name for name, kind in kinds.items() if kind in (*KINDS, "mask")}
    if lists := sorted(name for name, kind in kinds.items() if kind == "images" and name not in spec.omit):
        raise ValueError(f"{lists[0]} is a list of pictures, and RunPod's handlers take one each: omit it")
    if wrong := sorted(spec.media.keys() - files):
        raise ValueError(f"media names {wrong[0]}, which takes no file")
    if missing := sorted(files - spec.media.keys() - spec.omit):
        raise ValueError(f"media does not say what the file {missing[0]} is called")
