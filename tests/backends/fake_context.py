"""The contract's context without a studio: it keeps what a backend tells, and cancels when it is told to."""

from dataclasses import dataclass, field

from PIL import Image

from backends.base import Cancelled


@dataclass
class FakeContext:
    """Raises `order` from the progress or check that is the `calls`-th of them, and from each one after."""

    calls: int | None = None
    order: type[Cancelled] = Cancelled
    remembered: str | None = None
    fractions: list[float] = field(default_factory=list)
    steps: list[tuple[int | None, int | None]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    previews: list[Image.Image | bytes] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    cost: float | None = None
    seconds: float | None = None
    asked: int = 0

    def progress(self, fraction: float, words: str = "", step: int | None = None, of: int | None = None) -> None:
        self.fractions.append(fraction)
        self.words.append(words)
        self.steps.append((step, of))
        self.check()

    def preview(self, image: Image.Image | bytes) -> None:
        self.previews.append(image)

    @property
    def cancelled(self) -> bool:
        return self.calls is not None and self.asked >= self.calls

    def check(self) -> None:
        self.asked += 1
        if self.cancelled:
            raise self.order

    def remember(self, remote_id: str) -> None:
        self.remembered = remote_id

    def spent(self, cost: float | None = None, seconds: float | None = None) -> None:
        self.cost, self.seconds = cost or self.cost, seconds or self.seconds

    def ran_with(self, **versions: str) -> None:
        self.versions |= versions
