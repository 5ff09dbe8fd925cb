"""A real Gradio app with an endpoint for everything that an app may do to the studio."""

import json
import os
import time
from pathlib import Path

import gradio as gr
from PIL import Image


def paint(prompt, steps, style, tile, mode, count, photo, seed, Weird, progress=gr.Progress()):  # noqa: N803, B008
    with Path(os.environ.get("PEER_RUNS", os.devnull)).open("a") as runs:
        print(prompt, file=runs)
    for _ in progress.tqdm(range(3), desc="Painting"):
        time.sleep(0.06)
    if prompt == "fail":
        raise gr.Error("There is no paint left")
    if prompt == "crash":
        raise RuntimeError("private words")
    told = {"args": [prompt, steps, style, tile, mode, count, seed, Weird], "photo": photo and list(photo.size)}
    size = photo.size if photo else (32, 24)
    return Image.new("RGB", size, (int(seed) % 256, 80, 160)), told, prompt, [Image.new("RGB", (9, 9))], 1.5


def same(value):
    return value


def stages(prompt):
    for red in (10, 120, 250):
        yield Image.new("RGB", (16, 16), (red, 0, 0))
        time.sleep(0.1)


def slow(marker):
    Path(marker).write_text("begun")
    for _ in range(300):
        time.sleep(0.1)
        yield None
    Path(f"{marker} was not stopped").touch()


def report(prompt, photo):
    path = Path(__file__).parent / "peer.py"
    return [str(path), photo] if photo else [str(path)]


def lay_out(pictures, others, tint, table, code):
    sizes = [list(Image.open(path).size) for path, _ in pictures or []] + [
        list(Image.open(path).size) for path in others
    ]
    told = {"sizes": sizes, "tint": tint, "table": table, "code": code}
    return Image.new("RGB", (16, 16), tint), json.dumps(told)


def die(prompt):
    os._exit(3)


with gr.Blocks(title="Paint shop") as demo:
    inputs = [
        gr.Textbox("a fox", label="Prompt", lines=3, info="What to paint", max_length=77),
        gr.Slider(1, 50, 20, step=1, label="Steps"),
        gr.Dropdown(["oil", ("Indian ink", "ink")], value="ink", label="Style"),
        gr.Checkbox(label="Tile"),
        gr.Radio(["a", "b"], value="b", label="Mode"),
        gr.Number(3, label="Count", precision=0, minimum=1, maximum=9),
        gr.Image(label="Photo", type="pil", image_mode=None),
        gr.Number(0, label="Seed", precision=0),
        gr.Number(0.5, label="Weird"),
    ]
    outputs = [gr.Image(format="png"), gr.JSON(label="Told"), gr.Textbox(label="Caption"), gr.Gallery(), gr.Number()]
    gr.Button().click(paint, inputs, outputs, api_name="paint")
    for name, kind in {"sound": gr.Audio, "film": gr.Video, "picture": gr.Image}.items():
        gr.Button().click(same, kind(type="filepath") if kind is not gr.Video else kind(), kind(), api_name=name)
    gr.Button().click(same, gr.File(file_types=["image"]), gr.File(file_types=["image"]), api_name="file")
    gr.Button().click(
        report, [gr.Textbox(), gr.File(file_types=["image"])], gr.File(file_count="multiple"), api_name="report"
    )
    several = [
        gr.Gallery(label="Pictures"),
        gr.File(file_count="multiple", file_types=["image"], label="Others"),
        gr.ColorPicker("#f80", label="Tint"),
        gr.JSON({"rows": [1, 2.5]}, label="Table"),
        gr.Code('{"a": 1}', language="json", label="Code"),
    ]
    gr.Button().click(lay_out, several, [gr.Image(format="png"), gr.Textbox(label="Told")], api_name="lay_out")
    gr.Button().click(stages, gr.Textbox(), gr.Image(format="png"), api_name="stages")
    gr.Button().click(slow, gr.Textbox(), gr.Image(), api_name="slow", concurrency_limit=1)
    gr.Button().click(die, gr.Textbox(), gr.Image(), api_name="die")
    gr.Button().click(same, gr.Textbox(), gr.Textbox(), api_name="words")

if __name__ == "__main__":
    demo.queue(max_size=int(os.environ.get("PEER_QUEUE", "0")) or None).launch()
