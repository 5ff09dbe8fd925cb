"""The fixtures of the page's tests, which those of the app around it need too, and the app around a small page."""

from typing import Any

import gradio as gr
from fastapi import FastAPI

from storage.accounts import AccountStore
from storage.database import open_database
from storage.media.store import MediaStore
from studio.settings import Settings
from tests.components.conftest import kept, portal, site
from web.app import create_app

__all__ = ["app_of", "kept", "media_of", "portal", "site"]


def media_of(settings: Settings) -> MediaStore:
    """The media store that the settings name."""
    return MediaStore(open_database(settings.database), settings.media, url=settings.bucket)


def app_of(
    settings: Settings, media: MediaStore | None = None, blocks: gr.Blocks | None = None, **more: Any
) -> FastAPI:
    """The app of these settings, with the media that they name and a page of one component unless others are given."""
    if blocks is None:
        with gr.Blocks(analytics_enabled=False) as blocks:
            gr.Image()
    more.setdefault("accounts", AccountStore(open_database(settings.database)))
    return create_app(settings, blocks, media or media_of(settings), **more)
