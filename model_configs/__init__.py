"""What a model is: parameters, conditions and the registry of model config files."""
