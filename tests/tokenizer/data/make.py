"""Writes sentences and the ids that Hugging Face's tokenizers give them.

    pip install tokenizers transformers
    python3 tests/tokenizer/data/make.py VOCAB                  # beside this file; VOCAB: BERT's vocab.txt
    python3 tests/tokenizer/data/make.py VOCAB --corpus N DIR   # every code point and 2 N random sentences

and, for a corpus, which takes minutes: TRINE_TOKENIZER_CORPUS=DIR build/bin/test_tokenizer

A folder a tokenizer. Each holds rows.jsonl, a line a sentence: {"text", "ids"} with the ids of the
ends included, or {"text", "length", "ids", "used"} where it is cut or padded to a length.

    bert                             BERT's vocabulary, which is not copied beside this file
    characters, -cased, -accents     a vocabulary of single characters, whose ids show what becomes of
                                     each, under three settings of BERT's tokenizer
    roberta                          a small byte-level encoding, trained here on the sentences
"""
import argparse
import json
import os
import random
import shutil

import tokenizers
from tokenizers import AddedToken, ByteLevelBPETokenizer
from tokenizers.normalizers import BertNormalizer
from transformers import BertTokenizerFast, RobertaTokenizerFast

from sentences import EVERY, HARD, LATE, around, foreign, mixed

HERE = os.path.dirname(os.path.abspath(__file__))
LENGTHS = [2, 3, 5, 16, 50]
SETTINGS = {
    "characters": {"do_lower_case": True, "strip_accents": True},
    "characters-cased": {"do_lower_case": False, "strip_accents": False, "tokenize_chinese_chars": False},
    "characters-accents": {"do_lower_case": True, "strip_accents": False},
}


def write_rows(folder, tokenizer, sentences):
    """Every tenth sentence is also cut or padded to a length."""
    with open(os.path.join(folder, "rows.jsonl"), "w", encoding="utf-8") as file:
        def write(**row):
            file.write(json.dumps(row) + "\n")
        for begin in range(0, len(sentences), 10000):
            chunk = sentences[begin:begin + 10000]
            for text, ids in zip(chunk, tokenizer(chunk)["input_ids"]):
                write(text=text, ids=ids)
        for place, text in enumerate(sentences[::10]):
            length = LENGTHS[place % len(LENGTHS)]
            row = tokenizer(text, truncation=True, max_length=length, padding="max_length")
            write(text=text, length=length, ids=row["input_ids"], used=sum(row["attention_mask"]))


def new_folder(*parts):
    folder = os.path.join(*parts)
    os.makedirs(folder, exist_ok=True)
    return folder


def write_bert(out, vocabulary, sentences):
    write_rows(new_folder(out, "bert"), BertTokenizerFast(vocab=vocabulary), sentences)


def characters_of(sentences):
    """Those that any setting leaves in the sentences, as they are or in lower case."""
    seen = set("".join(sentences))
    for lower, strip in [(True, True), (True, False), (False, True)]:
        normalizer = BertNormalizer(lowercase=lower, strip_accents=strip)
        seen.update(c for text in sentences for c in normalizer.normalize_str(text))
    return sorted(seen)


def write_characters(out, characters, sentences):
    """A vocabulary has no place for what ends its lines, nor do tokenizers leave it in a text."""
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    for c in characters:
        if not c.isspace():
            pieces += [c, "##" + c]
    for name, setting in SETTINGS.items():
        folder = new_folder(out, name)
        with open(os.path.join(folder, "vocab.txt"), "w", encoding="utf-8", newline="\n") as file:
            file.write("\n".join(pieces) + "\n")
        with open(os.path.join(folder, "tokenizer_config.json"), "w", encoding="utf-8") as file:
            json.dump(setting, file)
            file.write("\n")
        ids = {piece: id for id, piece in enumerate(pieces)}
        tokenizer = BertTokenizerFast(vocab=ids, **setting)
        write_rows(folder, tokenizer, sentences)


def write_roberta(out, sentences):
    # The mask takes the space before it, as the tokenizer.json of roberta-base says.
    folder = os.path.join(out, "roberta")
    write_rows(folder, RobertaTokenizerFast.from_pretrained(
        folder, mask_token=AddedToken("<mask>", lstrip=True, special=True)), sentences)


def train_roberta(sentences):
    trained = ByteLevelBPETokenizer()
    trained.train_from_iterator(sentences, vocab_size=700, min_frequency=2, show_progress=False,
                                special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    trained.save_model(new_folder(HERE, "roberta"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("vocabulary")
    parser.add_argument("--corpus", nargs=2, metavar=("N", "DIR"))
    arguments = parser.parse_args()
    print("tokenizers", tokenizers.__version__)
    with open(arguments.vocabulary, encoding="utf-8") as file:
        words = [line.rstrip("\n") for line in file][1996:]
    late = [around(c) for c in LATE]
    if not arguments.corpus:
        rng = random.Random(1111)
        sentences = HARD + [mixed(rng, words) for _ in range(100)]
        train_roberta(sentences)
        write_bert(HERE, arguments.vocabulary, sentences + late)
        write_characters(HERE, characters_of(late), late)
        write_roberta(HERE, sentences + late)
        return
    count, out = int(arguments.corpus[0]), arguments.corpus[1]
    rng = random.Random(2222)
    sentences = HARD + [mixed(rng, words) for _ in range(count)] + [foreign(rng) for _ in range(count)]
    sentences += EVERY + [around(c) for c in EVERY]
    shutil.copytree(os.path.join(HERE, "roberta"), os.path.join(out, "roberta"), dirs_exist_ok=True)
    write_bert(out, arguments.vocabulary, sentences)
    shutil.copy(arguments.vocabulary, os.path.join(out, "bert", "vocab.txt"))
    write_characters(out, EVERY, sentences)
    write_roberta(out, sentences)


if __name__ == "__main__":
    main()
