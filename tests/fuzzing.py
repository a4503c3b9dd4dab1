"""How schemathesis is to ask: with the key that a test gives it, and never with a broken one."""

from schemathesis.config import (
    GenerationConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)


def one_key_only() -> SchemathesisConfig:
    """Of cases whose key a test replaces, none counts as wrong for the key that it had."""
    generation = GenerationConfig(with_security_parameters=False)
    asking = ProjectConfig(generation=generation)
    return SchemathesisConfig(projects=ProjectsConfig(default=asking))
