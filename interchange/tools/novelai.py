"""NovelAI: JSON in PNG's `Comment`, or in the `Comment` of a JSON UserComment; else in the alpha channel."""

from typing import Any

from interchange.decoding import parse_object
from interchange.fields import Fields, Params, list_or_empty, text
from interchange.metadata import Metadata


def read(metadata: Metadata) -> Fields | None:
    """The fields of `Comment`, known by its software or keys; of a prompt with characters, a line for each."""
    outer = metadata.with_key("Comment") or {
        "Comment": metadata.objects.get("comment"),
        "Description": metadata.text("description"),
        "Software": metadata.text("software"),
        "Source": metadata.text("source"),
    }
    comment = parse_object(outer["Comment"])
    if comment is None or ("NovelAI" not in str(outer.get("Software")) and not _is_novelai(comment)):
        return None
    params = Params(comment)
    return Fields.of(
        "NovelAI",
        prompt=_v4(params.take("v4_prompt"), params.take("prompt") or text(outer.get("Description"))),
        negative_prompt=_v4(params.take("v4_negative_prompt"), params.take("uc")),
        seed=params.take("seed"),
        steps=params.take("steps"),
        guidance=params.take("scale"),
        sampler=params.take("sampler"),
        scheduler=params.take("noise_schedule"),
        width=params.take("width"),
        height=params.take("height"),
        model=outer.get("Source") or outer.get("Software"),
        denoise=params.take("strength") if comment.get("request_type") == "Img2ImgRequest" else None,
        rest=params.rest,
    )


def _is_novelai(comment: dict[str, Any]) -> bool:
    return "uc" in comment and "scale" in comment and ("sampler" in comment or "n_samples" in comment)


def _v4(structured: object, plain: str | None) -> str | None:
    """The text of a V4 prompt: the scene's, then each character's, each on a line of its own."""
    caption = structured.get("caption") if isinstance(structured, dict) else None
    if not isinstance(caption, dict):
        return plain
    characters = caption.get("char_captions")
    pieces = [text(plain) or text(caption.get("base_caption"))]
    for character in list_or_empty(characters):
        pieces.append(text(character.get("char_caption")) if isinstance(character, dict) else None)
    return "\n".join(piece for piece in pieces if piece)
