"""`make docs`: every page of the repository as a page of a small static site in `site/`, with what they show.

The tree is that of the repository, so that links and pictures work as they do there; markdown-it comes with rich.
"""

import html
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[1]
MENU = (
    "README.md", "docs/settings.md", "docs/commands.md", "docs/api.md", "docs/operations.md", "docs/scaling.md",
    "docs/learning.md", "docs/privacy.md", "docs/security.md", "docs/architecture.md", "CONTRIBUTING.md",
)  # fmt: skip
STYLE = """
body{font:16px/1.6 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem;color:#222;background:#fff}
nav{border-bottom:1px solid #ccc;padding-bottom:.5rem}nav a{margin-right:1rem;white-space:nowrap}
pre{background:#f4f4f4;padding:.7rem;overflow-x:auto}code{font-size:.9em}img{max-width:100%}
table{border-collapse:collapse;display:block;overflow-x:auto}
td,th{border:1px solid #ccc;padding:.3rem .6rem;text-align:left;vertical-align:top}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}pre{background:#262626}a{color:#8ab4f8}td,th,nav{border-color:#444}}
"""


def write(target: Path) -> int:
    """All pages, into a folder that is made anew; how many."""
    shutil.rmtree(target, ignore_errors=True)
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    names = tracked.strip("\0").split("\0")
    pages = [name for name in names if name.endswith(".md") and not name.startswith(".github/")]
    parser = MarkdownIt("gfm-like", {"linkify": False})
    for name in pages:
        page = target / address(name)
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(rendered(parser, name), "utf-8")
    for name in names:  # pictures, and files that pages lead to
        if (
            name.rpartition(".")[2] in {"png", "svg", "jpg", "json", "yaml", "py", "service", "toml"}
            or name == "LICENSE"
        ):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)
    return len(pages)


def address(name: str) -> str:
    """Where a page is written: README.md of a folder is what one sees first there."""
    return re.sub(r"README\.md$", "index.html", name) if name.endswith("README.md") else re.sub(r"\.md$", ".html", name)


def rendered(parser: MarkdownIt, name: str) -> str:
    """One page as HTML."""
    text = (ROOT / name).read_text("utf-8")
    body = re.sub(
        r'href="(?![a-z]+:|#)([^"#]*)(#[^"]*)?"',
        lambda link: f'href="{address(link[1])}{link[2] or ""}"',
        parser.render(text),
    )
    body = re.sub(r"<h([1-6])>(.*?)</h\1>", with_anchor, body)
    title = html.escape(text.partition("\n")[0].lstrip("# "))
    links = "".join(f'<a href="{relative(name, one)}">{html.escape(label(one))}</a>' for one in MENU)
    return (f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            f"<title>{title}</title><style>{STYLE}</style><nav>{links}</nav><main>{body}</main></html>\n")  # fmt: skip


def with_anchor(heading: "re.Match[str]") -> str:
    """A heading that links lead to, by the name that GitHub gives it."""
    plain = html.unescape(re.sub(r"<[^>]*>", "", heading[2]))
    anchor = re.sub(r"[^\w\- ]", "", plain.lower()).strip().replace(" ", "-")
    return f'<h{heading[1]} id="{anchor}">{heading[2]}</h{heading[1]}>'


def relative(name: str, to: str) -> str:
    """From one page to another."""
    return os.path.relpath(address(to), Path(name).parent)


def label(name: str) -> str:
    """In the menu."""
    return "breedbot" if name == "README.md" else Path(name).stem.lower()


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "site").resolve()
    print(f"{write(folder)} pages in {folder}; open {folder / 'index.html'}")
