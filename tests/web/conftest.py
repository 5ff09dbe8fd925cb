"""The fixtures of the page's tests, which those of the app around it need too."""

from tests.components.conftest import kept, portal, site

__all__ = ["kept", "portal", "site"]
