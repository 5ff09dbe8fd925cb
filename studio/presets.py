"""Presets: saves a form under a name, and makes the event that restores it as a job's inputs are."""

from collections.abc import Mapping
from typing import Any

from model_configs.schema import ModelConfig, files_in
from storage.errors import PresetError
from storage.presets import Preset, PresetForm
from studio.context import StudioContext
from studio.inputs.reuse_event import ReuseJobInput


class Presets:
    """The use cases of presets; another user's preset counts as one that does not exist."""

    def __init__(self, context: StudioContext) -> None:
        self._context = context
        self._store = context.presets

    def own(self, user_id: str) -> tuple[Preset, ...]:
        """The user's presets in all workspaces, by their names."""
        return self._store.list(user_id)

    def save(
        self, user_id: str, workspace_id: str | None, name: str, config: ModelConfig, values: Mapping[str, Any]
    ) -> Preset:
        """Save a form's values, valid or not, under a name in the user's workspace.

        Raises PresetError: for the name, or with a sentence about each file that is not taken.
        """
        place = self._context.workspace(user_id, workspace_id).id
        form = self._form(user_id, config, values)
        return self._store.create(user_id, place, name, form, config.files(form.values))

    def overwrite(
        self, user_id: str, preset_id: str, config: ModelConfig, values: Mapping[str, Any]
    ) -> tuple[Preset, str]:
        """Replace a preset's values by the form's; raises PresetError, and then the old ones stay.

        Also returns the id of a deleted preset with the old values: it can be put back once the name is free.
        """
        form = self._form(user_id, config, values)
        return self._store.overwrite(user_id, preset_id, form, config.files(form.values))

    def rename(self, user_id: str, preset_id: str, name: str) -> Preset:
        """Give it another name; raises PresetError."""
        return self._store.rename(user_id, preset_id, name)

    def delete(self, user_id: str, preset_id: str) -> Preset:
        """Delete it; `put_back` undoes that for as long as a deleted job can be put back."""
        return self._store.delete(user_id, preset_id)

    def put_back(self, user_id: str, preset_id: str) -> Preset:
        """Undo a deletion; raises PresetError where another has its name by now, or when it was too long ago."""
        return self._store.put_back(user_id, preset_id)

    def reuse_input(self, user_id: str, preset_id: str) -> ReuseJobInput:
        """The event that brings the preset back; raises PresetError."""
        preset, form = self._store.get(user_id, preset_id)
        prompt = form.values.get("prompt")
        keys = {key for value in form.values.values() for key in files_in(value)}
        return ReuseJobInput(
            job_id="",
            preset=preset.name,
            model_id=form.model_id,
            type=None,
            prompt=prompt if isinstance(prompt, str) else None,
            options=dict(form.values),
            files=self._context.files(user_id, keys),
            config_snapshot=dict(form.config_snapshot),
        )

    def _form(self, user_id: str, config: ModelConfig, values: Mapping[str, Any]) -> PresetForm:
        """The form's visible values, with files put into the media store; what is not given has its default."""
        stored, refused = self._context.store_files(user_id, config, values)
        if refused:
            raise PresetError(" ".join(f"{said.removesuffix('.')}." for said in refused.values()))
        whole = {**config.defaults(), **stored}
        shown = config.visible(whole)
        return PresetForm(config.id, {name: whole[name] for name in config.order if name in shown}, config.snapshot())
