#!/usr/bin/env python3
"""Checks that a study's report needs nothing but itself and can be read by everyone.

    check-report.py REPORT.html [--screenshots FOLDER] [--browser PROGRAM] [--axe AXE.MIN.JS]

Always, with Python's standard library alone: well-formed; no address outside the file, no script,
no event handler; under 1 MB; headings in order under a single h1; a language; every figure with a
name and a description; every image with a text; tables with headings that have a scope; scrolling
boxes that the keyboard reaches and that have a name; unique ids, and no reference to an id that is
not there; contrast of all text (4.5 : 1) and of all curves (3 : 1) on light and on dark pages.

With --screenshots, a headless Chromium takes pictures at 360, 768 and 1440 pixels, light and dark,
and prints a PDF. If Python's playwright is there too, it also checks that the page itself never
scrolls sideways and that nothing is fetched, and, with --axe, runs axe-core (a path to
axe.min.js). Exits with 1 when a check fails.
"""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

LIMIT = 1_000_000
WIDTHS = (360, 768, 1440)
NAMESPACES = re.compile(r"^\{[^}]*\}")


def name(element):
    """An element's name without its namespace."""
    return NAMESPACES.sub("", element.tag)


def text(element):
    """All text in an element."""
    return "".join(element.itertext()).strip()


def is_hidden(element, parents):
    """Whether assistive technology is told to pass an element over."""
    while element is not None:
        if element.get("aria-hidden") == "true":
            return True
        element = parents.get(element)
    return False


def fetches(root):
    """Whatever would be loaded or run."""
    for element in root.iter():
        tag = name(element)
        if tag in ("script", "link", "iframe", "object", "embed", "base"):
            yield f"<{tag}> is there"
        for key, value in element.attrib.items():
            key = NAMESPACES.sub("", key)
            if key.startswith("on"):
                yield f"<{tag}> has a handler {key}"
            if key in ("href", "src", "srcset", "action", "poster", "data"):
                if not value.startswith(("#", "data:image/")):
                    yield f"<{tag} {key}={value!r}> leads outside"
            if key == "http-equiv":
                yield f"<meta http-equiv={value!r}> is there"
        style = element.get("style", "") + (element.text or "" if tag == "style" else "")
        if re.search(r"@import|url\(\s*['\"]?(?!#|data:)", style):
            yield f"<{tag}> has a style that loads something"


def headings(root):
    """Levels that are left out, and the count of h1."""
    levels = [int(name(e)[1]) for e in root.iter() if re.fullmatch("h[1-6]", name(e))]
    if levels.count(1) != 1:
        yield f"{levels.count(1)} headings h1, expected one"
    for above, below in zip([0] + levels, levels):
        if below > above + 1:
            yield f"a heading h{below} follows h{above}"
    for element in root.iter():
        if re.fullmatch("h[1-6]", name(element)) and not text(element):
            yield f"an empty {name(element)}"


def texts(root, parents):
    """Figures, images and tables without a name."""
    for element in root.iter():
        tag = name(element)
        if tag == "svg" and not is_hidden(element, parents):
            inside = {name(child): text(child) for child in element}
            if not inside.get("title") or not inside.get("desc"):
                yield f"an svg without title or desc: {element.attrib}"
            if element.get("role") != "img" or not element.get("aria-labelledby"):
                yield f"an svg without role=img or aria-labelledby: {element.attrib}"
        if tag == "img" and not element.get("alt"):
            yield f"an img without alt: {element.attrib}"
        if tag == "table":
            heads = [e for e in element.iter() if name(e) == "th"]
            if not any(e.get("scope") == "col" for e in heads):
                yield "a table without column headings"
            if any(e.get("scope") not in ("col", "row") for e in heads):
                yield "a th without scope"
            if not any(name(c) == "caption" for c in element):
                if not element.get("aria-labelledby"):
                    yield "a table without a name"
        if tag in ("div", "pre") and element.get("role") == "region":
            if element.get("tabindex") != "0":
                yield "a scrolling box that the keyboard does not reach"
            if not (element.get("aria-label") or element.get("aria-labelledby")):
                yield "a scrolling box without a name"


def ids(root):
    """Ids that are not unique, and references to none."""
    known = [e.get("id") for e in root.iter() if e.get("id")]
    for value in sorted({i for i in known if known.count(i) > 1}):
        yield f"the id {value!r} is there {known.count(value)} times"
    for element in root.iter():
        wanted = element.get("aria-labelledby", "").split()
        wanted += re.findall(r"url\(#([^)]+)\)", " ".join(element.attrib.values()))
        if element.get("href", "").startswith("#"):
            wanted.append(element.get("href")[1:])
        for value in wanted:
            if value not in known:
                yield f"<{name(element)}> refers to {value!r}, which is not there"


def luminance(color):
    """The relative luminance of a colour #rrggbb (WCAG 2.2)."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    parts = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other):
    """The contrast of two colours, from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def colors(root):
    """Contrasts that are too low, from the sheet's variables and the figures' rules."""
    sheet = "".join(e.text or "" for e in root.iter() if name(e) == "style")
    schemes = re.split(r"@media[^{]*prefers-color-scheme:\s*dark[^{]*\{", sheet)
    if len(schemes) != 2:
        yield "no style for dark pages, or several"
        return
    for label, css in zip(("light", "dark"), schemes):
        # What follows the dark rules holds for both; the first of each is that of the scheme.
        found = dict(reversed(re.findall(r"--([a-z]+):\s*(#[0-9a-f]{6})", css)))
        page = found.get("page")
        if not page:
            yield f"{label}: no colour for the page"
            continue
        least = [(key, found.get(key), 4.5) for key in ("ink", "faint", "link")]
        curves = re.findall(r"\.s(\d)\s*\{stroke:\s*(#[0-9a-f]{6})", css)
        least += [(f"arm {number}", color, 3) for number, color in curves]
        if len(curves) < 6:
            yield f"{label}: {len(curves)} colours of arms, expected 6"
        for key, color, limit in least:
            if color is None or contrast(color, page) < limit:
                yield f"{label}: {key} {color} on {page} is below {limit} : 1"


def static(path):
    """All failures that can be found without a browser."""
    data = path.read_bytes()
    if len(data) >= LIMIT:
        yield f"{len(data)} bytes, expected less than {LIMIT}"
    source = data.decode("utf-8")
    if not source.startswith("<!DOCTYPE html>"):
        yield "no <!DOCTYPE html> at the start"
    try:
        root = ElementTree.fromstring(source)
    except ElementTree.ParseError as error:
        yield f"not well-formed: {error}"
        return
    parents = {child: parent for parent in root.iter() for child in parent}
    if not root.get("lang"):
        yield "no lang on <html>"
    if not any(text(e) for e in root.iter() if name(e) == "title" and "svg" not in parents[e].tag):
        yield "no <title>"
    metas = [e for e in root.iter() if name(e) == "meta"]
    for wanted in ("viewport", "color-scheme"):
        if not any(e.get("name") == wanted for e in metas):
            yield f"no <meta name={wanted!r}>"
    if "@media print" not in source:
        yield "no style for paper"
    for check in (fetches(root), headings(root), texts(root, parents), ids(root), colors(root)):
        yield from check


def browser(wanted):
    """The path of a Chromium, if there is one."""
    names = [wanted] if wanted else ["chromium", "chromium-browser", "google-chrome"]
    return next((found for found in map(shutil.which, names) if found), None)


def pictures(program, path, folder):
    """Screenshots by the browser's own options, where playwright is not there; light only."""
    common = [program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    for width in WIDTHS:
        target = folder / f"{path.stem}-{width}-light.png"
        size = f"--window-size={width},6000"
        subprocess.run(
            common + [size, f"--screenshot={target}", path.as_uri()],
            check=True, capture_output=True,
        )
    pdf = f"--print-to-pdf={folder / (path.stem + '.pdf')}"
    subprocess.run(common + [pdf, path.as_uri()], check=True, capture_output=True)


def visit(program, path, folder, axe):
    """Failures in a real browser, which leaves pictures of every width and scheme."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for scheme in ("light", "dark"):
            for width in WIDTHS:
                context = chromium.new_context(
                    viewport={"width": width, "height": 900}, color_scheme=scheme,
                    device_scale_factor=2 if width < 500 else 1,
                )
                page, fetched = context.new_page(), []
                page.on("request", lambda request: fetched.append(request.url))
                page.goto(path.as_uri())
                label = f"{width} pixels, {scheme}"
                outside = [url for url in fetched if url != path.as_uri()]
                if outside:
                    yield f"{label}: fetches {outside}"
                wide = page.evaluate("document.documentElement.scrollWidth")
                if wide > width:
                    yield f"{label}: the page is {wide} pixels wide"
                # A mobile screen shot in one piece may be taller than the browser can draw.
                page.screenshot(
                    path=folder / f"{path.stem}-{width}-{scheme}.png", full_page=True)
                # axe takes a minute; the narrowest and the widest page, a scheme each, show all.
                if axe and (width, scheme) in ((360, "dark"), (1440, "light")):
                    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
                    page.evaluate(axe.read_text())
                    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
                    for trouble in found["violations"]:
                        places = [node["target"] for node in trouble["nodes"][:3]]
                        yield f"{label}: axe {trouble['id']}: {trouble['help']}, {places}"
                context.close()
        page = chromium.new_page(color_scheme="dark")
        page.goto(path.as_uri())
        page.pdf(path=folder / (path.stem + ".pdf"), format="A4")
        chromium.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("report", type=pathlib.Path)
    parser.add_argument("--screenshots", type=pathlib.Path)
    parser.add_argument("--browser")
    parser.add_argument("--axe", type=pathlib.Path)
    arguments = parser.parse_args()
    path = arguments.report.resolve()
    failures = list(static(path))
    if arguments.screenshots:
        arguments.screenshots.mkdir(parents=True, exist_ok=True)
        program = browser(arguments.browser)
        if program is None:
            failures.append("no Chromium for the screenshots; name one with --browser")
        else:
            try:
                failures += visit(program, path, arguments.screenshots, arguments.axe)
            except ImportError:
                print("playwright is not there: light screenshots only", file=sys.stderr)
                pictures(program, path, arguments.screenshots)
    for failure in failures:
        print(f"{arguments.report}: {failure}")
    if not failures:
        print(f"{arguments.report}: {path.stat().st_size} bytes, all checks passed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
