"""Pictures from the clipboard: Ctrl+V anywhere on the page."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

import streamlit as st

from yolodash.ui.i18n import _

LARGEST = 40 * 2**20
"""Bytes of a pasted picture; a larger one is better uploaded as a file."""

_CSS = """
p { margin: 0; font: inherit; font-size: 0.85rem; color: var(--st-text-color); opacity: 0.75; }
"""

_JAVASCRIPT = """
const read = (file) =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(",", 2)[1] ?? "");
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });

export default function ({ data, parentElement, setTriggerValue }) {
  let line = parentElement.querySelector("p");
  if (!line) {
    line = document.createElement("p");
    parentElement.appendChild(line);
  }
  line.textContent = data.hint;
  const paste = async (event) => {
    const files = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith("image/"));
    if (!files.length) return;
    event.preventDefault();
    const file = files[0];
    if (file.size > data.largest) {
      line.textContent = data.too_large;
      return;
    }
    setTriggerValue("picture", { name: file.name, base64: await read(file) });
  };
  document.addEventListener("paste", paste);
  return () => document.removeEventListener("paste", paste);
}
"""

_component = st.components.v2.component("yolodash_paste", css=_CSS, js=_JAVASCRIPT)


@dataclass(frozen=True)
class Pasted:
    """A picture from the clipboard, as the browser sent it."""

    name: str
    data: bytes


def pasted(key: str) -> Pasted | None:
    """The picture that has just been pasted, once; shows a line that says that one can."""
    result = _component(
        key=key,
        data={
            "hint": _("Or paste a picture: Ctrl+V"),
            "too_large": _("This picture is too large to paste; upload it as a file."),
            "largest": LARGEST,
        },
        on_picture_change=lambda: None,
        height="content",
    )
    return _decoded(result.picture)


def _decoded(value: object) -> Pasted | None:
    if not isinstance(value, dict) or not isinstance(value.get("base64"), str):
        return None
    try:
        data = base64.b64decode(value["base64"], validate=True)
    except binascii.Error:
        return None
    return Pasted(str(value.get("name") or "pasted.png"), data) if len(data) <= LARGEST else None
