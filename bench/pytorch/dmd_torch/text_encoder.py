"""A text encoder in front of the model, trained along with it: Hugging Face's own, as users of PyTorch have it."""

from __future__ import annotations

from torch import Tensor, nn

from .system import DmdSystem

KINDS = ("none", "bert", "roberta")
WIDTH, VOCABULARY = 768, 30522  # of bert-base-uncased; ids below it are words of roberta-base too


class SystemWithEncoder(nn.Module):
    """A DmdSystem whose text is tokens (B, 3, T), int64: ids, mask, segments. Initial values are random."""

    def __init__(self, system: DmdSystem, kind: str) -> None:
        super().__init__()
        self.system, self.config, self.form = system, system.config, system.form
        self.encoder = standard_encoder(kind)

    def features(self, tokens: Tensor) -> Tensor:
        ids, mask, segments = tokens.unbind(1)
        return self.encoder(ids, attention_mask=mask, token_type_ids=segments).last_hidden_state

    def forward(self, tokens: Tensor, audio: Tensor, vision: Tensor, labels: Tensor) -> dict[str, Tensor]:
        return self.system(self.features(tokens), audio, vision, labels)

    def logits(self, tokens: Tensor, audio: Tensor, vision: Tensor) -> dict[str, Tensor]:
        return self.system.logits(self.features(tokens), audio, vision)


def standard_encoder(kind: str) -> nn.Module:
    """bert-base-uncased or roberta-base, without the pooler, which nothing here reads."""
    import transformers  # a large import that only this needs

    if kind == "bert":
        return transformers.BertModel(transformers.BertConfig(), add_pooling_layer=False)
    config = transformers.RobertaConfig(
        vocab_size=50265, max_position_embeddings=514, type_vocab_size=1, layer_norm_eps=1e-5
    )
    return transformers.RobertaModel(config, add_pooling_layer=False)
