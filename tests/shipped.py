"""The models that come with the studio, read once in a test process."""

from model_configs.registry import load_registry

SHIPPED = load_registry().models
