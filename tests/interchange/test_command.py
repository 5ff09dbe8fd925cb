"""`python -m interchange.read FOLDER`: one JSON object a line for every file below a folder."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.interchange import made_files as made

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_command_prints_a_line_for_every_file(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    infotext = "猫\nNegative prompt: \nSteps: 20, Seed: 5, CFG scale: 7, Size: 64x32, Model: dream"
    (tmp_path / "a.jpeg").write_bytes(made.png({"parameters": infotext}))
    (tmp_path / "below" / "b.png").write_bytes(made.saved("PNG"))
    (tmp_path / "below" / "b.txt").write_text("a cat\nSteps: 3, Seed: 9", encoding="utf-8")
    (tmp_path / "c.bin").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "e.png").write_bytes(made.saved("PNG"))
    said = {"Prompt": "a hat", "Guidance Scale": "4.0", "Seed": "7", "LoRA 1": "ink : 0.5"}
    (tmp_path / "d" / "log.html").write_text(made.fooocus_log({"e.png": said}), encoding="utf-8")
    command = [sys.executable, "-m", "interchange.read", str(tmp_path)]
    printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    beside = {"tool": "A1111", "prompt": "a cat", "seed": 9, "steps": 3}
    assert [json.loads(line) for line in printed.splitlines()] == [
        {
            "file": "a.jpeg",
            "tool": "A1111",
            "prompt": "猫",
            "negative_prompt": "",
            "seed": 5,
            "steps": 20,
            "guidance": 7.0,
            "width": 64,
            "height": 32,
            "model": "dream",
        },
        {"file": "below/b.png", **beside},
        {"file": "below/b.txt", **beside},
        {"file": "c.bin"},
        {"file": "d/e.png", "tool": "Fooocus", "prompt": "a hat", "seed": 7, "guidance": 4.0},
        {"file": "d/log.html"},
    ]
