"""What descriptions rely on of model files, which no backend imports."""

from backends.describing import LARGEST_SEED, RESERVED_NAMES, unused
from model_configs.conditions import GROUPS
from model_configs.schema import SEED_MAXIMUM


def test_the_limits_of_a_description_are_those_of_a_model_file() -> None:
    assert frozenset(GROUPS) == RESERVED_NAMES
    assert LARGEST_SEED == SEED_MAXIMUM


def test_a_name_that_is_taken_gets_the_first_free_number() -> None:
    assert unused("steps", []) == "steps"
    assert unused("steps", ["steps", "steps_3"]) == "steps_2"
    assert unused("Image", ["Image", "Image 2"], " ") == "Image 3"
