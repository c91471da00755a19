"""Which script texts are written in, as far as comparing them word by word depends on it.

Units are counted: a character where words are not set apart by spaces, and a Hangul syllable; elsewhere a run of letters,
which is a word. So a Chinese sentence with a few English names in it is still Chinese, and the other way round.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

CHINESE, JAPANESE, KOREAN, UNSPACED, SPACED = "Chinese", "Japanese", "Korean", "a script without spaces", "a script with spaces"

# Blocks of Unicode. Letters and marks only: digits and punctuation say nothing, or are shared.
_HAN = "\u2e80-\u2fdf\u3005\u3007\u3100-\u312f\u31a0-\u31bf\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_KANA = "\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"
_HANGUL = "\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff"
# Thai, Lao, Tibetan, Burmese, Khmer, Tai Le, New Tai Lue, Tai Tham, Balinese, Javanese.
_UNSPACED = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u0f40-\u0fbc\u1000-\u103f\u1050-\u109f\u1780-\u17d3"
    "\u1950-\u197f\u1980-\u19c9\u1a20-\u1a7f\u1b00-\u1b4b\ua980-\ua9c0\ua9e0-\ua9ef\uaa60-\uaa7f"
)
_WORD = rf"(?:(?![{_HAN}{_KANA}{_HANGUL}{_UNSPACED}])[^\W\d_])+"
# Texts looked at, drawn from all: more would not change the answer.
LOOKED_AT = 5_000
# Kana in a hundred characters of Japanese are 30 or more; names and quotes in a Chinese text bring in a few.
LEAST_KANA = 0.2


def script_of(texts: Sequence[str]) -> str:
    """The script that most units of the texts are written in; SPACED where there are no letters at all."""
    # Every n-th might be always of one kind, where a corpus repeats a pattern.
    sample = "\n".join(texts if len(texts) <= LOOKED_AT else random.Random(0).sample(texts, LOOKED_AT))
    if sample.isascii():
        return SPACED
    # Patterns are compiled here, not at import: that takes milliseconds.
    kana, han = (len(re.findall(f"[{block}]", sample)) for block in (_KANA, _HAN))
    counts = {
        SPACED: len(re.findall(_WORD, sample)),
        JAPANESE if kana > LEAST_KANA * (kana + han) else CHINESE: kana + han,
        KOREAN: len(re.findall(f"[{_HANGUL}]", sample)),
        UNSPACED: len(re.findall(f"[{_UNSPACED}]", sample)),
    }
    # Of equal counts the first is taken.
    return max(counts, key=counts.__getitem__)
