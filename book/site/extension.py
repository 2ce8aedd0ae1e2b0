"""What Sphinx does for this book beyond its ordinary way.

Results stand before the code that made them, images carry the alternative text
that the notebook stores, cells have lasting ids, pages are described to search
engines by their first words, and formulas become MathML, which browsers draw
without any script.
"""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from textwrap import shorten
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urljoin

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.transforms.post_transforms import SphinxPostTransform

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ABOUT_FILE = "about.json"  # written by book.site.build
DESCRIPTION = 200
# HTML that begins so stays out of the search: the same shares on every event's page.
UNSEARCHED = '<div class="no-search'


class Cells(SphinxPostTransform):
    """Cells as readers want them.

    Each has the id under which other pages link to it, its code is folded beneath its
    result, with that of the cells before it that show nothing, and figures have their
    alternative text and width. What should not be searched is marked.
    """

    default_priority = 320  # after myst-nb has folded code and made nodes of outputs
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Change the cells of one page."""
        del kwargs
        silent = None
        for cell in list(self.document.findall(nodes.container)):
            if cell.get("nb_element") != "cell_code" or not cell.children:
                continue
            cell["ids"] += [cell["cell_metadata"]["anchor"]]
            folded = cell.pop(0)
            cell.append(folded)
            if silent and silent.next_node(descend=False, siblings=True) is cell:
                cell["ids"] += silent["ids"]
                folded[:0] = silent[0].children
                silent.parent.remove(silent)
            silent = cell if len(cell) == 1 else None
        images = self.config.about["images"]
        for raw in self.document.findall(nodes.raw):
            if raw.astext().startswith(UNSEARCHED):
                raw["classes"].append("no-search")
        for image in self.document.findall(nodes.image):
            about = images.get(PurePosixPath(image["uri"]).stem)
            if about:
                image["alt"] = about["alt"]
                image["width"] = f"{about['width']}px"


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the above with Sphinx."""
    app.add_post_transform(Cells)
    app.connect("config-inited", _configure)
    app.connect("html-page-context", _describe)
    app.add_html_math_renderer(
        "mathml", (_visit_inline_math, None), (_visit_display_math, None)
    )
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _configure(app: Sphinx, config: Any) -> None:
    """Add what depends on the sources: files to take away, the foot of each page."""
    about = json.loads((app.srcdir / ABOUT_FILE).read_text("utf-8"))
    config.about = about
    foot = f"<p>Data up to {about['as_of']}. Nothing here is investment advice.</p>"
    config.html_theme_options["extra_footer"] = foot
    config.html_extra_path = [str(app.srcdir / "extra")]


def _describe(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    """Hand the start of a page's first paragraph to the template."""
    del page, template
    if doctree is not None:
        first = next(iter(doctree.findall(nodes.paragraph)), None)
        words = " ".join(first.astext().split()) if first is not None else ""
        context["description"] = shorten(words, DESCRIPTION, placeholder=" …")
        plate = f"_images/{quote(app.config.about['plate'])}"
        base = app.config.html_baseurl
        context["social_image"] = (
            urljoin(base, plate) if base else context["pathto"](plate, resource=True)
        )


def _visit_inline_math(writer: Any, node: nodes.math) -> None:
    writer.body.append(tex2mathml(node.astext(), as_block=False))
    raise nodes.SkipNode


def _visit_display_math(writer: Any, node: nodes.math_block) -> None:
    writer.body.append(f"<div>{tex2mathml(node.astext(), as_block=True)}</div>")
    raise nodes.SkipNode
