"""The models that run in the studio itself, without weights: one function each, the same bytes for the same values."""

from collections.abc import Callable, Mapping
from pathlib import Path

import av
from PIL import Image, UnidentifiedImageError

from backends.base import BackendError, Report, Request
from backends.local_models import audio_edit, image_edit, ken_burns, pattern, upscale
from backends.local_models.decoding import in_words

Run = Callable[[Request, Report], Path]

MODELS: Mapping[str, Run] = {
    "audio-edit": audio_edit.run,
    "image-edit": image_edit.run,
    "ken-burns": ken_burns.run,
    "pattern": pattern.run,
    "upscale": upscale.run,
}


class LocalBackend:
    """Pillow, NumPy and FFmpeg's libraries in this process; always ready."""

    def missing(self) -> None:
        """Nothing needs to be set."""

    def run(self, request: Request, report: Report) -> tuple[Path, ...]:
        """Run the model; whatever stops it, no half-written file stays in the folder."""
        model = MODELS.get(request.model_id)
        if model is None:
            raise BackendError(f"{request.model_id} does not run here: its config must name another backend.")
        try:
            report(0.0, "Starting")
            result = model(request, report)
            report(1.0, "Done")
        except av.FFmpegError as error:
            _empty(request.folder)
            raise BackendError(f"A file could not be worked on: {in_words(error)}. Try another one.") from error
        except (UnidentifiedImageError, Image.DecompressionBombError) as error:
            _empty(request.folder)
            raise BackendError(f"A file could not be worked on: {error}. Try another one.") from error
        except BaseException:
            _empty(request.folder)
            raise
        return (result,)


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
