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
    json-*                           a tokenizer.json each, with other options than BERT and RoBERTa have

The last are what tokenizers itself makes of the file; rows of the others are transformers'.
"""
import argparse
import json
import os
import random
import shutil

import tokenizers
from tokenizers import AddedToken, ByteLevelBPETokenizer, Tokenizer, models, pre_tokenizers, processors
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


TOUCHING = ["hi, hi; hi_ hi! him oh-hi <x> \t<x>\n  a<x>b  <x>", "ÉA B éa b e\u0301a b éa bc NORMAL",
            "<s>hi</s>", "  hi", "hi  <x>  hi", "日hi本<x>語", "[CLS][END] [cls] <Pad> <pad>",
            "himself hi\u0301 \u0301hi ١hi hi٣"]


def added_tokens():
    """One of each kind, ids behind those of the vocabulary."""
    return [AddedToken("hi", single_word=True, normalized=False),
            AddedToken("<x>", lstrip=True, rstrip=True, normalized=False),
            AddedToken("Éa b", normalized=True), AddedToken("Éa bc", normalized=True),
            AddedToken("<", rstrip=True, normalized=False)]


def word_pieces(characters):
    """Other ends, prefix and limits; marks and upper case handled otherwise than BERT does."""
    pieces = ["<fill>", "<?>", "[BEGIN]", "[END]"] + [p for c in characters for p in (c, "@@" + c)]
    made = Tokenizer(models.WordPiece(vocab={piece: id for id, piece in enumerate(dict.fromkeys(pieces))},
                                      unk_token="<?>", continuing_subword_prefix="@@",
                                      max_input_chars_per_word=8))
    made.normalizer = BertNormalizer(clean_text=False, handle_chinese_chars=False, strip_accents=True,
                                     lowercase=False)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.add_tokens(added_tokens())
    made.post_processor = processors.BertProcessing(("[END]", 3), ("[BEGIN]", 2))
    return made


def byte_pairs(unknown, whole):
    """The vocabulary of roberta without some of its bytes."""
    with open(os.path.join(HERE, "roberta", "vocab.json"), encoding="utf-8") as file:
        vocabulary = json.load(file)
    with open(os.path.join(HERE, "roberta", "merges.txt"), encoding="utf-8") as file:
        merges = [tuple(line.split()) for line in file if not line.startswith("#version")]
    joined = {part for pair in merges for part in pair}
    gone = [piece for piece in vocabulary if len(piece) == 1 and piece not in joined]
    vocabulary = {piece: id for piece, id in vocabulary.items() if piece not in gone}
    if whole:  # words that no pairs lead to
        vocabulary.update({piece: 900 + n for n, piece in enumerate(["Hello", "Ġtext", "Ġand", "123"])})
    made = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, unk_token=unknown, ignore_merges=whole))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=whole)
    made.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>"])
    made.add_tokens(added_tokens())
    ends = [("<s>", 0), ("</s>", 2)]
    made.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=ends) if whole \
        else processors.RobertaProcessing(ends[1], ends[0])
    return made


def write_json(out, characters, sentences):
    made = {"json-words": word_pieces(characters), "json-bytes": byte_pairs(None, False),
            "json-whole": byte_pairs("<unk>", True)}
    made["json-words"].enable_padding(pad_id=0, pad_token="<fill>")
    for name, tokenizer in made.items():
        folder = new_folder(out, name)
        text = json.loads(tokenizer.to_str())
        if name == "json-whole":  # as older versions write them
            text["model"]["merges"] = [" ".join(pair) for pair in text["model"]["merges"]]
            del text["model"]["type"]
        with open(os.path.join(folder, "tokenizer.json"), "w", encoding="utf-8") as file:
            json.dump(text, file, ensure_ascii=False)
            file.write("\n")
        tokenizer = Tokenizer.from_str(json.dumps(text))
        with open(os.path.join(folder, "rows.jsonl"), "w", encoding="utf-8") as file:
            for sentence in TOUCHING + sentences:
                file.write(json.dumps({"text": sentence, "ids": tokenizer.encode(sentence).ids}) + "\n")


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
        write_json(HERE, characters_of(HARD + late), HARD + late)
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
    write_json(out, characters_of(sentences), sentences)


if __name__ == "__main__":
    main()
