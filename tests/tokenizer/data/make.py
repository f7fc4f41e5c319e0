"""Writes sentences and the ids that Hugging Face's tokenizers give them.

    pip install tokenizers transformers
    python3 tests/tokenizer/data/make.py VOCAB                  # beside this file; VOCAB: BERT's vocab.txt
    python3 tests/tokenizer/data/make.py VOCAB --corpus N DIR   # N sentences, for tests by hand

Files: bert.json and roberta.json, lists of {"text", "ids"} with the ids of the ends included;
roberta/vocab.json and merges.txt, a small byte-level encoding trained here on the sentences.
"""
import argparse
import json
import os
import random
import unicodedata

from tokenizers import AddedToken, ByteLevelBPETokenizer
from transformers import BertTokenizerFast, RobertaTokenizerFast

HERE = os.path.dirname(os.path.abspath(__file__))

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

POOLS = {
    "latin": [chr(c) for c in range(0x21, 0x250)],
    "any": [chr(c) for c in range(0x250, 0x3100) if unicodedata.category(chr(c)) != "Cs"],
    "cjk": [chr(c) for c in (*range(0x4E00, 0x4F00), *range(0x3040, 0x3100), *range(0x20000, 0x20040))],
    "emoji": [chr(c) for c in range(0x1F300, 0x1F650)] + ["\u200d", "\ufe0f", "\U0001f3fd"],
    "space": list(" \t\n\r\x0b\x0c\u00a0\u2003\u3000\u2028\u200b\x85"),
    "control": [chr(c) for c in range(0x20)] + ["\x7f", "\u00ad", "\ufeff", "\ufffd", "\u202e"],
    "marks": [chr(c) for c in range(0x300, 0x370)],
}


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
            word = "".join(rng.choices(POOLS[rng.choice(list(POOLS))], k=rng.randrange(1, 8)))
        elif kind < 0.43:
            word = word * rng.randrange(2, 40)
        parts.append(word + rng.choice([" "] * 8 + ["", ", ", ".", "  ", "\n"]))
    return "".join(parts)


def write(path, tokenizer, sentences):
    rows = [{"text": text, "ids": tokenizer(text)["input_ids"]} for text in sentences]
    with open(path, "w", encoding="utf-8") as file:
        file.write("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")


def trained_bytes(folder, sentences):
    os.makedirs(folder, exist_ok=True)
    trained = ByteLevelBPETokenizer()
    trained.train_from_iterator(sentences, vocab_size=700, min_frequency=2, show_progress=False,
                                special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    trained.save_model(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("vocabulary")
    parser.add_argument("--corpus", nargs=2, metavar=("N", "DIR"))
    arguments = parser.parse_args()
    bert = BertTokenizerFast(vocab=arguments.vocabulary)
    with open(arguments.vocabulary, encoding="utf-8") as file:
        words = [line.rstrip("\n") for line in file][1996:]
    folder = os.path.join(HERE, "roberta")
    if not arguments.corpus:
        rng = random.Random(1111)
        sentences = HARD + [mixed(rng, words) for _ in range(150)]
        trained_bytes(folder, sentences)
        out = HERE
    else:
        rng = random.Random(2222)
        sentences = HARD + [mixed(rng, words) for _ in range(int(arguments.corpus[0]))]
        sentences += [f"a{chr(c)}b" for c in range(0x110000) if not 0xD800 <= c < 0xE000]
        out = arguments.corpus[1]
    # The mask takes the space before it, as the tokenizer.json of roberta-base says.
    roberta = RobertaTokenizerFast.from_pretrained(
        folder, mask_token=AddedToken("<mask>", lstrip=True, special=True))
    write(os.path.join(out, "bert.json"), bert, sentences)
    write(os.path.join(out, "roberta.json"), roberta, sentences)


if __name__ == "__main__":
    main()
