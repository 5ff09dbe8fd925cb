"""What a film's colours mean: untagged ones are read as players read them, HDR and wide ones are turned into BT.709.

Sources: ITU-R BT.2100 for PQ and HLG, BT.2408 for the reference white of 203 cd/m², BT.2087 for BT.2020 to BT.709.
"""

from fractions import Fraction
from functools import cache
from typing import cast

import numpy as np
from av import VideoFrame, VideoStream
from av.filter import Graph
from numpy.typing import NDArray

_UNKNOWN, _BT709, _BT601, _BT2020 = 2, 1, 6, 9
_MATRICES = {5: "bt601", 6: "bt601", 9: "bt2020", 10: "bt2020"}  # BT.709 for all others
_PQ, _HLG = 16, 18
_HD_LINES = 720
_ODDEST_SHAPE = 8  # times wider than high, or higher than wide: beyond it a small file would take all memory
_WHITE = 203.0  # cd/m² of what is to look white
_HLG_PEAK, _HLG_GAMMA = 1000.0, 1.2
_GAMMA = 2.2  # of the screens that show BT.709
_KNEE = 0.8  # of white: what is brighter is compressed instead of clipped
_LUMA = np.array([0.2627, 0.6780, 0.0593], np.float32)
_TO_BT709 = {
    9: np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32),
    12: np.array([[1.2249, -0.2249, 0.0], [-0.0421, 1.0421, 0.0], [-0.0196, -0.0786, 1.0983]], np.float32),
}
"""By the primaries: of BT.2020 and of Display P3."""


def as_shown(frame: VideoFrame) -> VideoFrame:
    """The picture with colours that everything here understands; its time stays, its side data may not."""
    if frame.colorspace == _UNKNOWN:
        by_lines = _BT709 if frame.height >= _HD_LINES else _BT601
        frame.colorspace = _BT2020 if frame.color_primaries == _BT2020 else by_lines
    if frame.color_trc in (_PQ, _HLG) or frame.color_primaries in _TO_BT709:
        return _standard(frame)
    return frame


def pixel_shape(stream: VideoStream) -> Fraction:
    """How much wider than high a pixel is; 1 for nearly all films, and for one that says what no film has."""
    shape = stream.sample_aspect_ratio or Fraction(1)
    return shape if 1 / _ODDEST_SHAPE <= shape <= _ODDEST_SHAPE else Fraction(1)


def _standard(frame: VideoFrame) -> VideoFrame:
    """A picture of HDR or of wide colours as one of 8 bits in BT.709, with the reference white of HDR as its white."""
    signal = _rgb48(frame)
    light = _light(frame.color_trc)[signal]
    if frame.color_trc == _HLG:  # the screen's own part, from the light of the scene
        scene = np.maximum(light @ _LUMA, 1e-6)
        light = light * (_HLG_PEAK / _WHITE * scene ** (_HLG_GAMMA - 1))[..., None]
    if frame.color_primaries in _TO_BT709:
        light = light @ _TO_BT709[frame.color_primaries].T
    if frame.color_trc in (_PQ, _HLG):
        light = _compress_highlights(light)
    made = VideoFrame.from_ndarray(_eight_bits(light), "rgb24")
    made.pts, made.time_base = frame.pts, frame.time_base
    return made


def _rgb48(frame: VideoFrame) -> NDArray[np.uint16]:
    graph = Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base or Fraction(1)
    )
    matrix = _MATRICES.get(frame.colorspace, "bt709")
    scale = graph.add("scale", f"in_color_matrix={matrix}:out_range=pc:flags=accurate_rnd+full_chroma_int")
    graph.link_nodes(source, scale, graph.add("format", "rgb48le"), graph.add("buffersink")).configure()
    graph.push(frame)
    return cast(VideoFrame, graph.pull()).to_ndarray().astype(np.uint16, copy=False)


@cache
def _light(transfer: int) -> NDArray[np.float32]:
    """By the signal in 16 bits: the screen's light, 1 for reference white; for HLG the scene's, 0 to 1."""
    signal = np.arange(65536) / 65535
    if transfer == _PQ:
        power = signal ** (32 / 2523)
        light = (
            10_000 / _WHITE * (np.maximum(power - 107 / 128, 0) / (2413 / 128 - 2392 / 128 * power)) ** (8192 / 1305)
        )
    elif transfer == _HLG:
        light = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12)
    else:
        light = signal**_GAMMA
    return light.astype(np.float32)


def _compress_highlights(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """What is near white or brighter, in the room that there is up to white."""
    over = np.maximum(light - _KNEE, 0)
    return np.where(light > _KNEE, _KNEE + (1 - _KNEE) * (1 - np.exp(-over / (1 - _KNEE))), light)


def _eight_bits(light: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.rint(255 * light.clip(0, 1) ** (1 / _GAMMA)).astype(np.uint8)
