"""The page evaluates `depends_on` itself: it must show exactly what the server would."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from playwright.sync_api import Browser, Page

from model_configs import conditions
from model_configs.schema import ModelConfig
from tests.browser.modules.module_page import module_page
from tests.strategies import configs_with_values


@pytest.fixture(scope="module")
def blank_page(chromium: Browser) -> Iterator[Page]:
    with module_page(chromium, "form/conditions.js") as page:
        yield page


def shown_in_the_page(page: Page, config: ModelConfig, values: dict[str, Any]) -> set[str]:
    rules = [[name, (rule := config.conditions[name]) and conditions.to_json(rule)] for name in config.order]
    shown = page.evaluate("([rules, values]) => [...conditions.visible(rules, values)]", [rules, values])
    return set(shown)


# Switches alone have the most rules that matter, such as a `not` about a hidden parent.
@given(drawn=configs_with_values() | configs_with_values(kinds=["boolean"]))
def test_the_page_shows_what_the_server_shows(blank_page: Page, drawn: tuple[ModelConfig, dict[str, Any]]) -> None:
    config, values = drawn
    assert shown_in_the_page(blank_page, config, values) == config.visible(values)
