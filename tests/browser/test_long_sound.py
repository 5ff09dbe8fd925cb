"""A sound shows and plays without being decoded in the page: nothing there grows with its length."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, expect

from tests import media_samples
from tests.browser.studio_page import StudioPage

WATCH = """
  window.decoded = 0;
  const { decodeAudioData } = BaseAudioContext.prototype;
  BaseAudioContext.prototype.decodeAudioData = function (...given) {
    window.decoded += 1;
    return decodeAudioData.apply(this, given);
  };
  window.stood = [];
  window.watch = () => new PerformanceObserver((seen) => {
    window.stood.push(...seen.getEntries().map(({ duration }) => duration).filter((took) => took > 500));
  }).observe({ type: "longtask" });
"""
"""Counts what is decoded whole; `stood` has the standstills of over half a second since `watch()`."""


def shown(page: StudioPage, where: Locator, seconds: int) -> None:
    """The sound can be played, and its peaks have been drawn."""
    expect(where.locator("audio")).to_have_js_property("duration", seconds)
    expect(where.locator("audio")).to_be_visible()
    expect(where.locator("img[src*='?preview']")).to_have_js_property("naturalWidth", 512)


def test_a_long_sound_is_uploaded_made_and_reused_without_a_standstill(page: StudioPage, tmp_path: Path) -> None:
    page.page.add_init_script(WATCH)
    page.reload()
    page.choose("audio-edit")
    page.page.evaluate("watch()")
    sound = media_samples.silence(tmp_path / "long.wav", seconds=1200)
    page.fill("audio-edit", {"audio": sound, "trim": True, "trim_end": 1})
    group = page.page.locator("#group-audio-edit .explained")
    shown(page, group, 1200)
    card = page.generate("audio-edit")
    page.fill("audio-edit", {"audio": None})
    expect(group.locator("img")).to_have_count(0)
    expect(group.locator("audio")).to_have_count(0)

    page.reuse(card)
    shown(page, group, 1200)
    assert page.read("audio-edit", "audio") == sound.read_bytes()
    page.reload()
    shown(page, group, 1200)
    seen: dict[str, Any] = page.page.evaluate("({ decoded, stood })")
    assert seen == {"decoded": 0, "stood": []}
