"""Streams of frames through FFmpeg's filters."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from av import AudioFrame, VideoFrame
from av.filter import Graph
from av.filter.context import FilterContext

Filter = tuple[str, str]
"""A filter's name and its arguments, such as `("scale", "w=640:h=360")`."""

Frame = TypeVar("Frame", AudioFrame, VideoFrame)


def filtered(frames: Iterable[Frame], chain: Sequence[Filter]) -> Iterator[Frame]:
    """The frames as the chain gives them; the first frame tells the chain what to expect."""
    if not chain:
        yield from frames
        return
    graph: Graph | None = None
    for frame in frames:
        graph = graph or _graph(frame, chain)
        try:
            graph.push(frame)
        except EOFError:  # the chain has all it wants, as a trim does after its end
            break
        yield from _ready(graph)
    if graph is not None:
        graph.push(None)
        yield from _ready(graph)


def _graph(frame: AudioFrame | VideoFrame, chain: Sequence[Filter]) -> Graph:
    graph = Graph()
    graph.threads = 1  # the same bytes on every machine
    nodes = [_source(graph, frame), *(graph.add(name, arguments) for name, arguments in chain)]
    sink = "abuffersink" if isinstance(frame, AudioFrame) else "buffersink"
    graph.link_nodes(*nodes, graph.add(sink)).configure()
    return graph


def _source(graph: Graph, frame: AudioFrame | VideoFrame) -> FilterContext:
    if isinstance(frame, VideoFrame):
        return graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base)
    return graph.add_abuffer(
        sample_rate=frame.sample_rate, format=frame.format, layout=frame.layout.name, time_base=frame.time_base
    )


def _ready(graph: Graph) -> Iterator[Any]:
    while True:
        try:
            yield graph.pull()
        except (BlockingIOError, EOFError):  # wants more, or has given everything
            return
