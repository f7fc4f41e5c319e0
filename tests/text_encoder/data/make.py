"""Writes the encoders that the tests of this folder compare with, by Hugging Face's transformers.

    pip install torch transformers safetensors
    python3 tests/text_encoder/data/make.py              # the small ones, beside this file
    python3 tests/text_encoder/data/make.py --full DIR   # a random bert-base-uncased, 0.9 GB

A folder holds config.json, the weights, and expected.safetensors: ids, mask and segments (B, T), the
last hidden states (B, T, d), a cotangent of theirs, and grad.NAME, the gradients of the cotangent's
product with them. bert/ has the weights of a model with a head as safetensors, roberta/ those of the
bare encoder as a PyTorch state dict, as both are about.
"""
import argparse
import math
import os

import torch
from safetensors.torch import save_file
from transformers import (BertConfig, BertForMaskedLM, BertModel, RobertaConfig, RobertaModel)

HERE = os.path.dirname(os.path.abspath(__file__))
SMALL = dict(vocab_size=61, hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
             intermediate_size=24, max_position_embeddings=20)


def spread_out(model):
    """Weights of about the size that trained ones have; fresh ones are too small to tell much. Larger ones would
    make nearly all attention fall on one token, and gradients a matter of rounding."""
    scale = 0.6 / math.sqrt(model.config.hidden_size)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * scale)


def tokens(config, batch, length):
    """Texts of several lengths; padding on the right, and some on the left of the last."""
    ids = torch.randint(3, config.vocab_size, (batch, length))
    mask = torch.ones(batch, length, dtype=torch.long)
    for row in range(1, batch):
        mask[row, length - 2 * row:] = 0
    mask[-1, :2] = 0
    ids[mask == 0] = config.pad_token_id
    segments = torch.zeros_like(ids)
    if config.type_vocab_size > 1:
        segments[:, length // 2:] = 1
    return ids, mask, segments


def write_expected(encoder, folder, batch, length):
    """Computed in double precision, from the weights as they are stored."""
    ids, mask, segments = tokens(encoder.config, batch, length)
    encoder.eval().double()
    hidden = encoder(ids, attention_mask=mask, token_type_ids=segments).last_hidden_state
    cotangent = torch.randn_like(hidden)
    (hidden * cotangent).sum().backward()
    expected = {"ids": ids, "mask": mask, "segments": segments, "hidden": hidden.detach(),
                "cotangent": cotangent}
    for name, parameter in encoder.named_parameters():
        if parameter.grad is not None:
            expected["grad." + name] = parameter.grad
    expected = {name: t.to(torch.int32 if t.dtype == torch.long else torch.float32).contiguous()
                for name, t in expected.items()}
    save_file(expected, os.path.join(folder, "expected.safetensors"))


def write_bert(folder, config, batch, length):
    os.makedirs(folder, exist_ok=True)
    model = BertForMaskedLM(config)
    spread_out(model)
    config.save_pretrained(folder)
    own = {name: t.detach().clone().contiguous() for name, t in model.named_parameters()}
    save_file(own, os.path.join(folder, "model.safetensors"), {"format": "pt"})
    encoder = BertModel(config)
    encoder.load_state_dict(model.bert.state_dict(), strict=False)
    write_expected(encoder, folder, batch, length)


def write_roberta(folder, config, batch, length):
    os.makedirs(folder, exist_ok=True)
    encoder = RobertaModel(config)
    spread_out(encoder)
    config.save_pretrained(folder)
    torch.save(encoder.state_dict(), os.path.join(folder, "pytorch_model.bin"))
    write_expected(encoder, folder, batch, length)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", metavar="DIR")
    arguments = parser.parse_args()
    torch.manual_seed(1111)
    eager = dict(attn_implementation="eager")
    if arguments.full:
        write_bert(arguments.full, BertConfig(**eager), batch=4, length=50)
        return
    write_bert(os.path.join(HERE, "bert"), BertConfig(**SMALL, **eager), batch=3, length=10)
    write_roberta(os.path.join(HERE, "roberta"),
                  RobertaConfig(**SMALL, type_vocab_size=1, pad_token_id=1, layer_norm_eps=1e-5,
                                **eager), batch=3, length=10)


if __name__ == "__main__":
    main()
