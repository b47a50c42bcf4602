"""The pages that `make docs` writes: every link of each leads to a page, a heading or a file there."""

import html
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).parents[2]


def leads_nowhere(page: Path, link: str) -> bool:
    place, _, anchor = link.partition("#")
    target = (page.parent / unquote(place)).resolve() if place else page
    if not target.is_file():  # a browser shows no folder
        return True
    return bool(anchor) and target.suffix == ".html" and f'id="{unquote(anchor)}"' not in target.read_text("utf-8")


def test_no_link_of_the_site_is_dead(tmp_path: Path) -> None:
    site = tmp_path / "site"
    subprocess.run([sys.executable, "docs/site.py", str(site)], cwd=ROOT, check=True, capture_output=True)
    links = [
        (page, html.unescape(link))
        for page in site.rglob("*.html")
        for link in re.findall(r'(?:href|src)="([^"]+)"', page.read_text("utf-8"))
    ]

    assert len(links) > 500
    dead = [
        (str(page.relative_to(site)), link)
        for page, link in links
        if not re.match(r"[a-z]+:", link) and leads_nowhere(page, link)
    ]
    assert dead == []
