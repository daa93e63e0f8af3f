"""What the site has of files outside docs/: some become pages, and links to them lead there."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent

#: Pages of the site that are files elsewhere in the repository.
PAGES = {
    "benches.md": "benches/README.md",
    "changelog.md": "CHANGELOG.md",
    "contributing.md": "CONTRIBUTING.md",
    "licence.md": "LICENSE",
}
#: Where a link to a file of the repository leads on the site; files under docs/ are their own pages.
PLACES = {path: page for page, path in PAGES.items()} | {"README.md": "index.md"}

_LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)#\s]+)(?=[#)])")
_FENCE = re.compile(r"^(`{3,}).*?^\1\s*$", re.MULTILINE | re.DOTALL)
#: A place that takes what stands in the README between two marks.
_PART = re.compile(r"^<!-- README: ([\w-]+) -->$", re.MULTILINE)

#: What a browser would load from another host.
_LOADED = re.compile(r"""<(?:script|img|iframe|link (?!rel="canonical"))[^>]*?(?:src|href)=["']?(?:https?:)?//[^>]*>""")

log = get_plugin_logger("panarc")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages from elsewhere."""
    for page, path in PAGES.items():
        text = (ROOT / path).read_text("utf-8")
        files.append(File.generated(config, page, content=text if path.endswith(".md") else f"# Licence\n\n{text}"))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put in parts of the README, and turn links out of docs/ to the pages of what they mean."""
    at = page.file.src_uri
    text = linked(markdown, PAGES.get(at, f"docs/{at}"), at)
    return _PART.sub(lambda found: linked(part(found[1]), "README.md", at), text)


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """See to it that no page loads anything from another host."""
    for found in _LOADED.findall(output):
        log.warning(f"{page.file.src_uri} loads from elsewhere: {found}")
    return output


def part(name: str) -> str:
    """Return what stands in the README between the marks of this name."""
    readme = (ROOT / "README.md").read_text("utf-8")
    return readme.partition(f"<!-- {name}:begin -->")[2].partition(f"<!-- {name}:end -->")[0]


def linked(markdown: str, source: str, page: str) -> str:
    """Return text from a file of the repository with links as they must be on a page of the site."""

    def turned(found: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(source), found[1]))
        place = PLACES.get(target) or target.removeprefix("docs/")
        if place == target:
            log.warning(f"{source}: {found[1]} is not on the site")
        return posixpath.relpath(place, posixpath.dirname(page) or ".")

    pieces, end = [], 0
    for fence in _FENCE.finditer(markdown):
        pieces += [_LINK.sub(turned, markdown[end : fence.start()]), fence[0]]
        end = fence.end()
    return "".join([*pieces, _LINK.sub(turned, markdown[end:])])
