"""What every kind of parameter has, and the values that several kinds share."""

from functools import cache
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]


class RefusedError(ValueError):
    """A value that is refused for a reason of its own; the message follows the label: "is not JSON: …"."""


@cache
def adapter(kind: Any) -> TypeAdapter[Any]:
    """Made once for each kind of value: making one takes longer than all else in a restore."""
    return TypeAdapter(kind)


def _no_bool(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("true and false are not numbers")
    return value


def _exact(value: object) -> object:
    """A float above 2^53 may be another number than the one that was meant."""
    if isinstance(value, float) and abs(value) >= 2**53:
        raise ValueError("too large for a float to be exact")
    return _no_bool(value)


Whole = Annotated[int, BeforeValidator(_exact)]
Real = Annotated[float, BeforeValidator(_no_bool), Field(allow_inf_nan=False)]
Scalar = str | bool | int | float


class Declared(BaseModel):
    """Settings shared by everything a config file declares: unknown keys are mistakes, nothing changes after load."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class BaseParameter(Declared):
    """What every kind of parameter has; a kind adds its default, its limits and the check of a value."""

    has_empty: ClassVar[bool] = False
    """Whether the kind has a natural empty value, so that a condition can ask for `set`."""

    label: str = ""
    help: str = ""
    group: Literal["basic", "advanced"] = "basic"
    required: bool = False
    aliases: Annotated[list[Name], Field(description="What other models call it, so that their jobs find it")] = []
    depends_on: Annotated[dict[str, Any] | None, Field(description="When the input shows, e.g. {mode: animate}")] = None

    def check(self, value: Any) -> Any:
        """The value as it is stored; ValueError when the parameter does not take it."""
        raise NotImplementedError

    @property
    def expectation(self) -> str:
        """How a good value reads after "must be"."""
        raise NotImplementedError

    @property
    def initial(self) -> Any:
        """The value of a form that nobody has touched."""
        return getattr(self, "default", None)

    def fit(self, value: Any) -> Any:
        """The nearest value the parameter takes; ValueError when there is none that is near."""
        return self.check(value)

    def is_empty(self, value: Any) -> bool:
        """Whether the value says "nothing given", which a required parameter refuses."""
        return value is None or (self.has_empty and value in ("", []))

    @property
    def follows(self) -> str | None:
        """The parameter whose value the form shows this one's with."""
        return None

    def run_value(self, value: Any) -> Any:
        """What a backend gets for the stored value."""
        return value
