"""Configuration of Sphinx; the extension adds what depends on the data."""

project = "US chip sanctions and China's own AI chips"
author = "The authors of chip-sanctions-event-studies"
language = "en"

extensions = ["myst_nb", "book.site.extension"]
exclude_patterns = ["extra", "jupyter_execute", "README.md"]
suppress_warnings: list[str] = []
nitpicky = True

# What the notebooks hold is shown; nothing is run while the book is rendered.
nb_execution_mode = "off"
nb_ipywidgets_js: dict[str, dict[str, str]] = {}
nb_merge_streams = True
nb_render_markdown_format = "gfm"
nb_code_prompt_show = "Show the code"
nb_code_prompt_hide = "Hide the code"
myst_enable_extensions = ["dollarmath"]
# A sum of money is no formula.
myst_dmath_allow_digits = False
myst_dmath_allow_space = False
myst_heading_anchors = 4
smartquotes = False
html_math_renderer = "mathml"

templates_path = ["templates"]
html_static_path = ["static"]
html_css_files = ["site.css"]
html_favicon = "static/favicon.svg"
html_theme = "sphinx_book_theme"
html_title = project
html_context = {"default_mode": "auto"}
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_use_index = False
html_domain_indices = False
# Summaries are fetched page by page, which a browser refuses on files from disk.
html_show_search_summary = False
html_sidebars = {
    "**": ["book-title.html", "search-button-field.html", "sbt-sidebar-nav.html"]
}
html_theme_options = {
    "use_download_button": False,
    "use_fullscreen_button": False,
    "home_page_in_toc": True,
    "show_navbar_depth": 1,
    "max_navbar_depth": 1,
    "navbar_persistent": [],
    "article_header_start": ["toggle-primary-sidebar.html"],
    "footer_content_items": ["extra-footer.html"],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    "search_bar_text": "Search the book",
    "back_to_top_button": False,
}
