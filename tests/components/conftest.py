"""Real stores under all shipped models, and the page's handlers over them."""

from collections.abc import Iterator

import gradio as gr
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from tests.components.page_site import Site
from tests.kept_studio import KeptStudio
from tests.shipped import SHIPPED


@pytest.fixture(scope="module")
def portal() -> Iterator[BlockingPortal]:
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeptStudio]:
    kept = KeptStudio(tmp_path_factory.mktemp("kept"), SHIPPED)
    gr.set_static_paths([kept.media_root])
    yield kept
    kept.database.dispose()


@pytest.fixture(scope="module")
def site(portal: BlockingPortal, kept: KeptStudio) -> Site:
    return Site(portal, kept.context)
