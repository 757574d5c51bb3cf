"""A matplotlib figure as lean inline SVG: text as text, no ids but its own, no inline styles."""

from __future__ import annotations

import io
import re
import warnings
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SVG: Final = "{http://www.w3.org/2000/svg}"
_LINK: Final = "{http://www.w3.org/1999/xlink}href"
_NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
_TURN = re.compile(r"\s*rotate\(-?0(?:\.0)? [^)]*\)")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_GLYPH = re.compile(r"Glyph (\d+) ")
_DROPPED: Final = {"metadata", "style"}
# What an element inherits anyway; matplotlib repeats it on each.
_SPARE: Final = {
    "font-family": None,
    "font-style": "normal",
    "font-weight": "400",
    "stroke-linejoin": "round",
    "stroke-linecap": "butt",
    "text-anchor": "start",
}


def inline_svg(figure: Figure, prefix: str, label: str) -> str:
    """Draw a figure as an ``<svg>`` element for an HTML page.

    Parameters
    ----------
    figure : matplotlib Figure
        Drawn with the style that is set; not changed and not closed.
    prefix : str
        Begins every id, so that several figures can stand on one page.
    label : str
        Alternative text: what the figure shows, for those who do not see it.

    Returns
    -------
    str
        The element; the same figure gives the same text.
    """
    root = ET.fromstring(_drawn(figure))
    _drop(root)
    kept = _rename(root, prefix)
    for element in root.iter():
        _slim(element, kept)
    _flatten(root)
    box = root.get("viewBox", "")
    root.attrib.clear()
    root.attrib.update({"viewBox": box, "role": "img", "aria-label": label})
    return _written(root)


def _drawn(figure: Figure) -> str:
    """Save a figure; letters of other scripts that no shipped font has are left to the reader's.

    The text stays text, so a reader's own fonts draw what ours lack. Signs are another matter:
    a missing arrow is a fault of the figure, and its warning goes through.
    """
    out = io.StringIO()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    for warning in caught:
        glyph = _GLYPH.search(str(warning.message))
        if not (glyph and chr(int(glyph[1])).isalpha()):
            warnings.warn_explicit(
                warning.message, warning.category, warning.filename, warning.lineno
            )
    return out.getvalue()


def _drop(root: ET.Element) -> None:
    """Take out metadata, style sheets and shapes that draw nothing."""
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag.removeprefix(_SVG) in _DROPPED or _is_blank(child):
                parent.remove(child)


def _is_blank(element: ET.Element) -> bool:
    style = element.get("style", "")
    return (
        element.tag == f"{_SVG}path"
        and "fill: none" in style
        and ("stroke" not in style or "stroke: none" in style)
        and "id" not in element.attrib
    )


def _rename(root: ET.Element, prefix: str) -> dict[str, str]:
    """Name the ids that something refers to, in the order in which they are used."""
    used: dict[str, str] = {}
    for element in root.iter():
        targets = [element.get(_LINK, "").removeprefix("#")]
        for value in element.attrib.values():
            targets += _REFERENCE.findall(value)
        for target in filter(None, targets):
            used.setdefault(target, f"{prefix}-{len(used) + 1}")
    return used


def _slim(element: ET.Element, ids: dict[str, str]) -> None:
    """Turn styles into attributes, round coordinates, keep only ids that are used."""
    attributes = element.attrib
    link = attributes.pop(_LINK, "")
    if link:
        attributes["href"] = "#" + ids[link.removeprefix("#")]
    for declaration in filter(None, attributes.pop("style", "").split(";")):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        if name not in _SPARE or _SPARE[name] not in (None, value):
            attributes.setdefault(name, value)
    name = attributes.pop("id", "")
    if name in ids:
        attributes["id"] = ids[name]
    for key, value in list(attributes.items()):
        short = _REFERENCE.sub(lambda match: f"url(#{ids[match[1]]})", value)
        if key in {"d", "x", "y", "width", "height", "transform", "points"}:
            short = " ".join(_NUMBER.sub(_rounded, short).split())
        attributes[key] = short
    turn = _TURN.sub("", attributes.get("transform", ""))
    if turn:
        attributes["transform"] = turn
    else:
        attributes.pop("transform", None)


def _rounded(match: re.Match[str]) -> str:
    text = f"{float(match[0]):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _flatten(root: ET.Element) -> None:
    """Put the children of groups that say nothing in the group's place; drop empty groups."""
    for child in list(root):
        _flatten(child)
        if child.tag in {f"{_SVG}g", f"{_SVG}defs"} and (not child.attrib or not len(child)):
            place = list(root).index(child)
            root.remove(child)
            if child.tag == f"{_SVG}g" or not len(child):
                for offset, grandchild in enumerate(list(child)):
                    root.insert(place + offset, grandchild)
            else:
                root.insert(place, child)


def _written(root: ET.Element) -> str:
    for element in root.iter():
        element.tag = element.tag.removeprefix(_SVG)
        if element.tag not in {"text", "tspan"}:
            element.text = None
        if element.tag != "tspan":
            element.tail = None
    return ET.tostring(root, encoding="unicode")
