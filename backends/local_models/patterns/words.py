"""What the words of a prompt mean for a pattern: its colours, its mood, and chance for every word not known."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from backends.local_models.patterns.palettes import PALETTES, Ramp

_COLOURS: Mapping[str, str] = {
    "sunset": "sunset sunrise dusk dawn evening morning peach coral warm orange romantic",
    "ocean": "ocean sea water wave waves river lake rain underwater lagoon blue teal",
    "forest": "forest wood woods tree trees jungle moss leaf leaves spring garden green meadow grass",
    "neon": "neon cyberpunk electric city club synthwave laser arcade future futuristic disco magenta",
    "candy": "candy sweet pastel bubblegum cotton kawaii pink blossom cherry unicorn playful",
    "desert": "desert sand dune dunes canyon clay terracotta autumn fall earth brown copper rust",
    "aurora": "aurora northern lights polar galaxy space cosmos nebula magic emerald",
    "gold": "gold golden honey amber brass treasure royal luxury yellow",
    "mono": "mono monochrome black white grey gray ink charcoal silver noir",
    "fire": "fire flame flames lava ember volcano hot red inferno",
    "ice": "ice icy snow winter frost glacier cold crystal arctic",
    "lavender": "lavender violet purple lilac twilight dream dreamy mystic orchid",
}
_ENERGY: Mapping[float, str] = {
    0.55: "calm quiet soft gentle still peaceful slow smooth mist misty fog serene dreamy silent",
    1.6: "wild storm stormy chaos chaotic fast electric rough fierce turbulent explosion energetic dramatic",
}
_DENSITY: Mapping[float, str] = {
    0.55: "minimal minimalist few sparse simple empty lonely single clean",
    1.6: "dense many rich busy full crowded intricate detailed complex ornate",
}
_NIGHT_WORDS = "night midnight moon moonlight star stars starry dark darkness galaxy space nocturnal"
_SILENT_WORDS = "a an the at of in on and with over under by to for from into is it"

_NIGHT = frozenset(_NIGHT_WORDS.split())
_SILENT = frozenset(_SILENT_WORDS.split())
_PALETTE_OF = {word: palette for palette, words in _COLOURS.items() for word in words.split()}
_ENERGY_OF = {word: factor for factor, words in _ENERGY.items() for word in words.split()}
_DENSITY_OF = {word: factor for factor, words in _DENSITY.items() for word in words.split()}
_KNOWN = _PALETTE_OF.keys() | _ENERGY_OF.keys() | _DENSITY_OF.keys() | _NIGHT | _SILENT

_FARTHEST_TURN = 0.35
"""Radians of the colour circle that unknown words can turn a palette: enough to see, too little to spoil it."""


@dataclass(frozen=True, slots=True)
class Mood:
    """How a picture feels: `energy` and `density` are factors around 1."""

    energy: float
    density: float
    night: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """A prompt understood; `chance` is a number that stands for its unknown words, 0 when there are none."""

    palettes: tuple[str, ...]
    mood: Mood
    chance: int


def read(prompt: str) -> Reading:
    """The meaning of a prompt; upper and lower case and punctuation do not matter."""
    words = re.findall(r"\w+", prompt.casefold())
    unknown = " ".join(word for word in words if word not in _KNOWN)
    return Reading(
        palettes=tuple(dict.fromkeys(_PALETTE_OF[word] for word in words if word in _PALETTE_OF)),
        mood=Mood(
            energy=_mean(_ENERGY_OF, words), density=_mean(_DENSITY_OF, words), night=not _NIGHT.isdisjoint(words)
        ),
        chance=int.from_bytes(hashlib.sha256(unknown.encode()).digest()[:6], "big") if unknown else 0,
    )


def ramp(reading: Reading, palette: str, random: np.random.Generator) -> Ramp:
    """The colours of a palette by name, or "words": two that the words name share the picture, dark and light."""
    anything = sorted(PALETTES)[random.integers(len(PALETTES))]  # chosen always, so that layouts do not depend on it
    if palette != "words":
        return Ramp(PALETTES[palette])
    dark, light = (*reading.palettes[:2], *reading.palettes[:1], anything, anything)[:2]
    middle = len(PALETTES[dark]) // 2
    turn = (reading.chance % 1001 / 500 - 1) * _FARTHEST_TURN if reading.chance else 0.0
    return Ramp(PALETTES[dark][:middle] + PALETTES[light][middle:], turn)


def _mean(factors: Mapping[str, float], words: list[str]) -> float:
    found = [factors[word] for word in words if word in factors]
    return sum(found) / len(found) if found else 1.0
