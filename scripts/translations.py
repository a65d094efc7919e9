"""Bring the catalogues of translations up to date with the sources, and compile them.

    python scripts/translations.py

Texts are taken from ``_``, ``ngettext`` and ``N_`` in app.py, pages and yolodash. What is translated stays; a text
that has gone from the sources goes from the catalogue; a new one is added empty.
"""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
LOCALE = ROOT / "locale"
DOMAIN = "yolodash"
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}


def sources() -> list[Path]:
    """Every file that can hold a text, in a fixed order."""
    return [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py")), *sorted((ROOT / "yolodash").rglob("*.py"))]


def template() -> Catalog:
    """The texts of the sources, untranslated."""
    catalog = Catalog(project="YoloDash", fuzzy=False)
    for path in sources():
        name = path.relative_to(ROOT).as_posix()
        for line, message, comments, context in extract_from_file(
            "python", path, keywords=KEYWORDS, comment_tags=("Translators:",), strip_comment_tags=True
        ):
            catalog.add(message, locations=[(name, line)], auto_comments=comments, context=context)
    return catalog


def catalogues() -> dict[str, Path]:
    """The .po file of every language."""
    return {path.parents[1].name: path for path in sorted(LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))}


def read(path: Path, language: str) -> Catalog:
    """A catalogue as it lies on the disk."""
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN)


def updated(path: Path, language: str, texts: Catalog) -> bytes:
    """The .po file as it should be: the texts of the sources with the translations that there are."""
    catalog = read(path, language)
    catalog.update(texts, no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=110, include_lineno=False, sort_by_file=True)
    return buffer.getvalue()


def compiled(path: Path, language: str) -> bytes:
    """The .mo file that belongs to a .po file."""
    buffer = io.BytesIO()
    write_mo(buffer, read(path, language))
    return buffer.getvalue()


def main() -> None:
    """Write every catalogue."""
    texts = template()
    for language, path in catalogues().items():
        path.write_bytes(updated(path, language, texts))
        path.with_suffix(".mo").write_bytes(compiled(path, language))
        catalog = read(path, language)
        missing = sum(1 for message in catalog if message.id and not all(strings(message.string)))
        print(f"{language}: {len(catalog)} texts, {missing} without a translation")


def strings(value: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """All forms of a text: one, or one a plural form."""
    return (value,) if isinstance(value, str) else tuple(value)


if __name__ == "__main__":
    main()
