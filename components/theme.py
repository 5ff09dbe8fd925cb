"""The look of the page: one quiet theme and one stylesheet."""

from typing import Any

import gradio as gr
from gradio.themes.utils.colors import Color
from gradio.themes.utils.sizes import Size

from components.assets import FOLDER

STYLES = (
    "kit/page.css",
    "form/form.css",
    "form/kinds.css",
    "form/marks.css",
    "form/from_file.css",
    "form/presets.css",
    "form/rows.css",
    "form/foot.css",
    "form/loaded.css",
    "kit/controls.css",
    "library/filter_bar.css",
    "library/job_gallery.css",
    "library/stage.css",
    "library/reuse_menu.css",
    "library/job_details.css",
    "library/outage.css",
    "library/news.css",
    "kit/movement.css",
)
"""In the order of the cascade."""

SYSTEM_FONTS = ("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif")
SYSTEM_MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")


WORDS = {
    "upload_text.drop_image": "Drop a picture here",
    "upload_text.drop_video": "Drop a film here",
    "upload_text.drop_audio": "Drop a sound here",
    "upload_text.drop_gallery": "Drop pictures here",
    "upload_text.drop_file": "Drop a file here",
    "upload_text.click_to_upload": "choose one",
}
"""What stands in empty inputs, by Gradio's names for it; in other languages than English Gradio's own words do."""


def page_assets() -> dict[str, Any]:
    """What `launch()` or `mount_gradio_app()` takes to give the page its look: theme, css_paths and i18n."""
    look: dict[str, Any] = {"theme": studio_theme(), "css_paths": [FOLDER / name for name in STYLES]}
    return look | {"i18n": gr.I18n(en=WORDS)}


def studio_theme() -> gr.themes.Base:
    """Grey that leaves the colour to the pictures, one teal for what acts, and the system's own fonts."""
    theme = gr.themes.Base(
        primary_hue=_teal(),
        secondary_hue=_teal(),
        neutral_hue=_stone(),
        text_size=_text_sizes(),
        spacing_size=_spacing(),
        radius_size=_radii(),
        font=SYSTEM_FONTS,
        font_mono=SYSTEM_MONO,
    )
    theme.name = "studio"
    return theme.set(**_surfaces(), **_blocks(), **_inputs(), **_choices(), **_buttons())


def _surfaces() -> dict[str, str]:
    return {
        "body_background_fill": "*neutral_100",
        "body_background_fill_dark": "*neutral_950",
        "body_text_color": "*neutral_900",
        "body_text_color_dark": "*neutral_100",
        "body_text_color_subdued": "#63635e",
        "body_text_color_subdued_dark": "*neutral_400",
        "background_fill_primary": "white",
        "background_fill_primary_dark": "*neutral_900",
        "background_fill_secondary": "*neutral_50",
        "background_fill_secondary_dark": "*neutral_800",
        "border_color_primary": "*neutral_200",
        "border_color_primary_dark": "#343432",
        "border_color_accent": "*primary_600",
        "border_color_accent_dark": "*primary_400",
        "color_accent": "*primary_600",
        "color_accent_soft": "*primary_50",
        "color_accent_soft_dark": "#14302d",
        "link_text_color": "*primary_700",
        "link_text_color_dark": "*primary_300",
        "link_text_color_hover": "*primary_800",
        "link_text_color_hover_dark": "*primary_200",
        "loader_color": "*primary_600",
        "loader_color_dark": "*primary_400",
        "layout_gap": "16px",
        "form_gap_width": "16px",
    }


def _blocks() -> dict[str, str]:
    return {
        "block_background_fill": "transparent",
        "block_background_fill_dark": "transparent",
        "block_border_width": "0px",
        "block_border_width_dark": "0px",
        "block_padding": "0px",
        "block_radius": "10px",
        "block_shadow": "none",
        "block_info_text_size": "12px",
        "block_title_text_color": "*body_text_color",
        "block_title_text_color_dark": "*body_text_color",
        "block_title_text_size": "13px",
        "block_title_text_weight": "500",
        "block_label_background_fill": "transparent",
        "block_label_background_fill_dark": "transparent",
        "block_label_border_width": "0px",
        "block_label_shadow": "none",
        "block_label_text_color": "*body_text_color",
        "block_label_text_color_dark": "*body_text_color",
        "block_label_text_size": "13px",
        "block_label_text_weight": "500",
        "section_header_text_size": "13px",
        "section_header_text_weight": "500",
    }


def _inputs() -> dict[str, str]:
    return {
        "input_background_fill": "white",
        "input_background_fill_dark": "#222221",
        "input_border_color": "#93938d",
        "input_border_color_dark": "#6c6c67",
        "input_border_color_focus": "*primary_600",
        "input_border_color_focus_dark": "*primary_400",
        "input_border_width": "1px",
        "input_padding": "10px 12px",
        "input_placeholder_color": "#757570",
        "input_placeholder_color_dark": "#8f8f89",
        "input_radius": "8px",
        "input_shadow": "none",
        "input_shadow_focus": "0 0 0 3px color-mix(in srgb, *primary_600 22%, transparent)",
        "input_shadow_focus_dark": "0 0 0 3px color-mix(in srgb, *primary_400 30%, transparent)",
        "input_text_size": "14px",
        "slider_color": "*primary_600",
        "slider_color_dark": "*primary_400",
    }


def _choices() -> dict[str, str]:
    return {
        "checkbox_background_color": "white",
        "checkbox_background_color_dark": "#222221",
        "checkbox_background_color_selected": "*primary_600",
        "checkbox_background_color_selected_dark": "*primary_600",
        "checkbox_border_color": "#8b8b86",
        "checkbox_border_color_dark": "#6c6c67",
        "checkbox_border_color_selected": "*primary_600",
        "checkbox_border_color_selected_dark": "*primary_400",
        "checkbox_border_color_focus": "*primary_600",
        "checkbox_border_color_focus_dark": "*primary_400",
        "checkbox_label_background_fill": "white",
        "checkbox_label_background_fill_dark": "#222221",
        "checkbox_label_background_fill_hover": "*neutral_100",
        "checkbox_label_background_fill_hover_dark": "*neutral_800",
        "checkbox_label_background_fill_selected": "*primary_50",
        "checkbox_label_background_fill_selected_dark": "#14302d",
        "checkbox_label_border_width": "1px",
        "checkbox_label_border_color": "*neutral_300",
        "checkbox_label_border_color_dark": "#3b3b38",
        "checkbox_label_border_color_selected": "*primary_600",
        "checkbox_label_border_color_selected_dark": "*primary_400",
        "checkbox_label_gap": "8px",
        "checkbox_label_padding": "8px 12px",
        "checkbox_label_shadow": "none",
        "checkbox_label_text_size": "13px",
        "checkbox_label_text_weight": "400",
    }


def _buttons() -> dict[str, str]:
    return {
        "button_border_width": "1px",
        "button_transition": "background-color 120ms, border-color 120ms, color 120ms",
        "button_large_radius": "10px",
        "button_large_text_size": "15px",
        "button_large_text_weight": "600",
        "button_large_padding": "12px 20px",
        "button_medium_radius": "8px",
        "button_medium_text_size": "14px",
        "button_medium_text_weight": "500",
        "button_small_radius": "8px",
        "button_small_text_size": "13px",
        "button_small_text_weight": "500",
        "button_small_padding": "8px 12px",
        "button_primary_background_fill": "*primary_600",
        "button_primary_background_fill_dark": "*primary_400",
        "button_primary_background_fill_hover": "*primary_700",
        "button_primary_background_fill_hover_dark": "*primary_300",
        "button_primary_border_color": "transparent",
        "button_primary_border_color_dark": "transparent",
        "button_primary_text_color": "white",
        "button_primary_text_color_dark": "*primary_950",
        "button_secondary_background_fill": "white",
        "button_secondary_background_fill_dark": "#222221",
        "button_secondary_background_fill_hover": "*neutral_100",
        "button_secondary_background_fill_hover_dark": "*neutral_800",
        "button_secondary_border_color": "#d0d0cc",
        "button_secondary_border_color_dark": "#3b3b38",
        "button_secondary_text_color": "*neutral_900",
        "button_secondary_text_color_dark": "*neutral_100",
    }


def _teal() -> Color:
    shades = "#effaf8 #d3f2ec #a8e4da #72cfc2 #45b8aa #249789 #14756a #115f57 #124d48 #12413d #04211e"
    return _color("studio-teal", shades)


def _stone() -> Color:
    shades = "#fafaf9 #f3f3f1 #e5e5e2 #d2d2ce #a5a5a0 #747470 #575753 #40403d #2a2a28 #1a1a19 #101010"
    return _color("studio-stone", shades)


def _color(name: str, shades: str) -> Color:
    steps = (50, *range(100, 1000, 100), 950)
    return Color(**{f"c{step}": shade for step, shade in zip(steps, shades.split(), strict=True)}, name=name)


def _text_sizes() -> Size:
    return Size("10px", "11px", "12px", "14px", "16px", "20px", "24px", name="studio-text")


def _spacing() -> Size:
    return Size("2px", "4px", "4px", "8px", "8px", "12px", "16px", name="studio-spacing")


def _radii() -> Size:
    return Size("2px", "4px", "6px", "8px", "10px", "12px", "16px", name="studio-radius")
