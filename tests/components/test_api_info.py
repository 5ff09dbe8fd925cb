"""What a program is told of a model's inputs, of any model that can be described."""

from hypothesis import given

from components.form.api_info import inputs_of
from model_configs.schema import ModelConfig
from tests.strategies import model_configs


@given(config=model_configs())
def test_every_example_of_an_input_is_taken(config: ModelConfig) -> None:
    for name, one in inputs_of(config).items():
        if name not in config.media():
            assert config.parameters[name].check(one.example) == one.example
            assert not config.parameters[name].is_empty(one.example)
