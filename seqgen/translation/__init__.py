"""Lines to translations: cut into pieces, translated, checked, joined. Models are known here only as Translators."""
