"""The accounts in STUDIO_USERS: name:password pairs separated by commas, or a JSON object."""

import json


def parse_accounts(text: str) -> tuple[tuple[str, str], ...]:
    """The (name, password) pairs; ValueError names a bad one by its position, for it may contain a password."""
    pairs = _object(text) if text.lstrip().startswith("{") else _pairs(text)
    return tuple(_account(place, *pair) for place, pair in enumerate(pairs, start=1))


def _object(text: str) -> list[tuple[str, object]]:
    """The members of a JSON object, duplicate names included."""
    try:
        members: list[tuple[str, object]] = json.loads(text, object_pairs_hook=list)
    except json.JSONDecodeError as error:
        raise ValueError(
            f"what begins with {{ has to be a JSON object, and character {error.pos + 1} fits none"
        ) from None
    return members


def _pairs(text: str) -> list[tuple[str, object]]:
    pairs = [pair.partition(":") for pair in text.split(",") if pair.strip()]
    return [(name, password if colon else None) for name, colon, password in pairs]


def _account(place: int, name: str, password: object) -> tuple[str, str]:
    name = name.strip()
    if not name or not isinstance(password, str) or not password:
        raise ValueError(
            "name:password pairs separated by commas, or a JSON object such as "
            f'{{"ann": "secret"}}, are needed, and pair {place} is no name with a password'
        )
    if ":" in name or not name.isprintable():
        raise ValueError(f"the name of pair {place} may have no colon and nothing that is not seen")
    if any("\ud800" <= character <= "\udfff" for character in password):
        raise ValueError(f"the password of pair {place} is no text in UTF-8")
    return name, password
