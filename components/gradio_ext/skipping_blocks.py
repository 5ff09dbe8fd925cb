"""Blocks whose events cost nothing for what they leave as it is."""

import copy
from typing import Any

import gradio as gr
from gradio.block_function import BlockFunction
from gradio.state_holder import SessionState


class SkippingBlocks(gr.Blocks):
    """Gradio makes a component anew for each output that an answer skips, which takes about a millisecond."""

    async def postprocess_data(
        self, block_fn: BlockFunction, predictions: list[Any] | dict[Any, Any], state: SessionState | None
    ) -> list[Any]:
        """What Gradio makes of the outputs that an answer by component names; the others are skipped."""
        told = {} if predictions == gr.skip() else predictions
        if not isinstance(told, dict) or len(block_fn.outputs) < 2 or not told.keys() <= set(block_fn.outputs):
            answers: list[Any] = await super().postprocess_data(block_fn, predictions, state)
            return answers
        changed = copy.copy(block_fn)
        changed.outputs = [block for block in block_fn.outputs if block in told and told[block] != gr.skip()]
        values = [told[block] for block in changed.outputs]
        made = await super().postprocess_data(changed, values[0] if len(values) == 1 else values, state)
        answer_of = dict(zip(changed.outputs, made, strict=True))
        return [answer_of.get(block, gr.skip()) for block in block_fn.outputs]
