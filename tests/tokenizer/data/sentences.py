"""Sentences that are hard to cut: written by hand, drawn at random, and one around any character."""
import unicodedata

# One of each difficulty.
HARD = [
    "", " ", "\t\n", "Hello, world!", "I'm sure he'll say they're fine; we've won, you'd lose it's",
    "THE TITLE OF THE MOVIE", "unaffable embeddings tokenization", "naïve café résumé Ångström",
    "e\u0301 combining n\u0303 marks o\u0308\u0323", "ÀÉÎÕÜ ßẞ ŒœÆæ Øø Łł Đđ İıIi Σσς ΟΔΟΣ",
    "日本語のテキスト", "中文字符 mixed with English中and文", "한국어 문장입니다", "ｆｕｌｌ　ｗｉｄｔｈ，text！",
    "русский текст Ёлка йод", "Ελληνικά κείμενο άλφα", "العربية مِثَال", "עברית שָׁלוֹם", "हिन्दी पाठ", "ไทยภาษา",
    "emoji 😀😃 👍🏽 👨‍👩‍👧‍👦 🇩🇪 ❤️ ☃", "flags🏳️‍🌈and👩🏿‍🚀text", "zero\u200bwidth\u200djoiner\u200csp\u2060aces\ufeff",
    "soft\u00adhyphen and\u00a0no-break\u2003em\u3000wide", "control\x00\x01\x07\x1b[31mred\x7f\x85next",
    "line\u2028separator\u2029paragraph\x0bvertical\x0cform", "replacement\ufffdcharacter",
    "$100.50 + 7% = ? <b>&amp;</b> [x] {y} ~`^|\\_/ @user #tag", "a_b-c.d,e;f:g!h?i'j\"k(l)m",
    "“curly” ‘quotes’ – dashes — … «guillemets» ¿qué? ¡sí!", "x²+y³≠½ ①②③ Ⅳ ™ © ® ° ± µ",
    "x" * 100, "x" * 101, "un" * 60, "日" * 3 + "x" * 99, "a" * 98 + "é", "q" * 250 + " after",
    "[CLS] inside [SEP] and [MASK] tokens [UNK] [PAD] [cls] [ SEP ]", "<s> inside </s> and  <mask> <pad><unk> < s >",
    "  leading and   inner    spaces  ", "tabs\tand\nnewlines\r\nmixed \n \n end", "\n\nstarts and ends\n",
    "1234567890 3.14159 1,000,000 0x1F 12e-5 ７８９ ٣٤٥", "don't can't won't o'clock 'tis rock'n'roll 'S 'Re",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝒮𝒸𝓇𝒾𝓅𝓉 𠀀𠀁 𪜀", "ﬁ ﬂ ligatures Ǆ ǅ ǆ", "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞",
    "\u202eright to left\u202c", "private\ue000use\U000f0000area", "unassigned\u0378x\U0001fffex", "\u0301starts with a mark",
    "the GREAT film... I LOVED it!!! 10/10 :-) ;P <3", "umm (stutter) I th- think it was, uhh, okay",
]

# Characters that Unicode added or moved to another category between the versions that tokenizers
# are built on, at least one of each kind.
LATE = [chr(c) for c in (
    0x08E2, 0x0890, 0x110CD, 0x13430, 0x1343F,                   # format characters after 8.0
    0x2E42, 0x2E43, 0x2E5D, 0x061D, 0x09FD, 0x11FFF, 0x1E5FF,    # punctuation, from 7.0 to 16.0
    0x166D, 0x111C9,                                             # punctuation then
    0x1734, 0x1171E, 0x1885, 0x1886, 0xA9BD,                     # marks then and now
    0x08E3, 0x08D4, 0x08CA, 0x0897, 0x1ABF, 0x1DF6, 0x1DF9, 0x1E944, 0x1E130,  # marks and orders
    0x11938, 0x105C9, 0x11383, 0x16121,                          # that decompose now
    0x1C89, 0xA7CB, 0xA7CE, 0xA7DA, 0xA7DC, 0x10D50, 0x10D65, 0x16EA0, 0x1E921,  # capitals
    0x105C0, 0x13460, 0x2EBF0, 0x16EBB, 0x323B0, 0x088F,         # letters of 15.1, 16.0 and 17.0
    0x10D40, 0x1CCF0, 0x11DE0,                                   # numbers of 16.0 and 17.0
    0x2B81D, 0x2B820, 0x2B91F, 0x2B920, 0x2EBE0, 0x9FFF, 0x30000,  # at the ends of blocks
    0x0130, 0x1E9E, 0x0345, 0x0378, 0xE0001, 0xFDD0, 0x10FFFF)]

EVERY = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]


def of(*categories):
    return [c for c in EVERY if unicodedata.category(c).startswith(categories)]


def span(*ranges):
    return [chr(c) for first, last in ranges for c in range(first, last + 1)]


POOLS = {
    "latin": span((0x21, 0x24F)),
    "any": span((0x250, 0x30FF)),
    "cjk": span((0x4E00, 0x4EFF), (0x3040, 0x30FF), (0x20000, 0x2003F), (0x2B700, 0x2B940),
                (0x2CEA0, 0x2CEB0), (0xF900, 0xFA20), (0x30000, 0x30010)),
    "hangul": span((0x1100, 0x11FF), (0x3130, 0x318F), (0xAC00, 0xAC80), (0xD7A0, 0xD7FF)),
    "arabic": span((0x600, 0x6FF), (0x750, 0x77F), (0x860, 0x8FF), (0xFB50, 0xFBFF)),
    "devanagari": span((0x900, 0x97F), (0xA8E0, 0xA8FF)),
    "thai": span((0xE00, 0xEFF)),
    "emoji": span((0x1F300, 0x1FAFF)) + ["\u200d", "\ufe0f", "\U0001f3fd"],
    "space": list(" \t\n\r\x0b\x0c\u00a0\u2003\u3000\u2028\u200b\x85"),
    "control": of("Cc", "Cf") + ["\ufffd"],
    "unassigned": of("Cn") + ["\ud7ff", "\ue000", "\ufffe", "\uffff"],
    "private": span((0xE000, 0xE010), (0xF0000, 0xF0010), (0x10FFF0, 0x10FFFD)),
    "marks": of("M"),
    "accents": span((0x300, 0x36F)),
    "composed": [c for c in EVERY if unicodedata.normalize("NFD", c) != c and c < "\uac00"],
    "punctuation": of("P", "S"),
    "numbers": of("N"),
    "late": LATE,
}

SKIN = span((0x1F3FB, 0x1F3FF))
FLAG = span((0x1F1E6, 0x1F1FF))


def around(c):
    """A character between letters, doubled, between digits, among marks, after signs and blanks."""
    return f"a{c}b {c}{c} 1{c}2 e\u0301{c}\u0323 !{c}  {c}"


def emoji(rng):
    one = rng.choice(POOLS["emoji"])
    kind = rng.randrange(5)
    if kind == 0:
        return "\u200d".join(rng.choices(POOLS["emoji"], k=rng.randrange(2, 5)))
    if kind == 1:
        return one + rng.choice(SKIN) + rng.choice(["", "\u200d\u2642\ufe0f"])
    if kind == 2:
        return "".join(rng.choices(FLAG, k=2)) * rng.randrange(1, 3)
    if kind == 3:
        return "\U0001f3f4" + "".join(chr(0xE0061 + rng.randrange(26)) for _ in "gbeng") + "\U000e007f"
    return rng.choice("0123456789#*") + "\ufe0f\u20e3"


def accented(rng):
    """Letters, composed or not, each under up to five marks in any order."""
    return "".join(rng.choice(POOLS[rng.choice(["latin", "composed"])])
                   + "".join(rng.choices(POOLS[rng.choice(["marks", "accents"])], k=rng.randrange(6)))
                   for _ in range(rng.randrange(1, 5)))


def long_word(rng):
    """Around the 100 characters beyond which a word is unknown."""
    parts = rng.choices(["a", "un", "\u00e9", "e\u0301", "\u4e00", "\u0130", "\u00ad", "\uac00"],
                        k=rng.randrange(1, 4))
    word = "".join(parts) * 130
    return word[:rng.randrange(96, 106)]


def from_pools(rng):
    return "".join(rng.choices(POOLS[rng.choice(list(POOLS))], k=rng.randrange(1, 8)))


def mixed(rng, words):
    """A sentence of words, some of them spoilt."""
    parts = []
    for _ in range(rng.randrange(1, 14)):
        kind = rng.random()
        word = rng.choice(words).replace("##", "")
        if kind < 0.15:
            word = word.upper()
        elif kind < 0.3:
            at = rng.randrange(len(word) + 1)
            word = word[:at] + rng.choice(POOLS[rng.choice(list(POOLS))]) + word[at:]
        elif kind < 0.4:
            word = from_pools(rng)
        elif kind < 0.43:
            word = word * rng.randrange(2, 40)
        elif kind < 0.5:
            word = rng.choice([emoji, accented, long_word])(rng)
        parts.append(word + rng.choice([" "] * 8 + ["", ", ", ".", "  ", "\n"]))
    return "".join(parts)


def foreign(rng):
    """Nothing but pieces that are hard: no word of the vocabulary between them."""
    parts = [rng.choice([emoji, accented, from_pools, from_pools])(rng)
             for _ in range(rng.randrange(1, 10))]
    return "".join(part + rng.choice(["", "", " ", "'s ", "\u3000", "\n "]) for part in parts)
