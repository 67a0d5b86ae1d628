"""The models of Cairn in PyTorch. Parameters have Hugging Face names, so that a table of tensors is a state dict."""

import torch
import torch.nn.functional as functional
from torch import nn


class Projection(nn.Module):
    """x · Wᵀ with W [out, in], and what a low-rank adapter adds to it."""

    def __init__(self, size_in, size_out, adapter=None):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(size_out, size_in))
        self.factor = 0.0
        if adapter:
            self.factor = adapter["alpha"] / adapter["rank"]
            self.lora_A = nn.ParameterDict({"weight": torch.zeros(adapter["rank"], size_in)})
            self.lora_B = nn.ParameterDict({"weight": torch.zeros(size_out, adapter["rank"])})

    def forward(self, x):
        y = functional.linear(x, self.weight)
        if self.factor:
            inner = functional.linear(x, self.lora_A["weight"])
            y = y + self.factor * functional.linear(inner, self.lora_B["weight"])
        return y


class Table(nn.Module):
    def __init__(self, *shape):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(*shape))


class RmsNorm(Table):
    def __init__(self, width, epsilon):
        super().__init__(width)
        self.epsilon = epsilon

    def forward(self, x):
        return functional.rms_norm(x, x.shape[-1:], self.weight, self.epsilon)


def in_heads(x, heads):
    rows, length, width = x.shape
    return x.view(rows, length, heads, width // heads).transpose(1, 2)


def attend(query, key, value):
    rows, heads, length, size = query.shape
    shared = heads != key.shape[1]
    mixed = functional.scaled_dot_product_attention(query, key, value, is_causal=True, enable_gqa=shared)
    return mixed.transpose(1, 2).reshape(rows, length, heads * size)


class LlamaAttention(nn.Module):
    def __init__(self, model, projection):
        super().__init__()
        width, self.heads, self.kv_heads = model["width"], model["heads"], model["kvHeads"]
        kv_width = width // self.heads * self.kv_heads
        self.q_proj = projection("q_proj", width, width)
        self.k_proj = projection("k_proj", width, kv_width)
        self.v_proj = projection("v_proj", width, kv_width)
        self.o_proj = projection("o_proj", width, width)

    def forward(self, x, cosine, sine):
        def turn(v):
            first, second = v.chunk(2, -1)
            return (v * cosine + torch.cat([-second, first], -1) * sine).to(v.dtype)

        query = turn(in_heads(self.q_proj(x), self.heads))
        key = turn(in_heads(self.k_proj(x), self.kv_heads))
        value = in_heads(self.v_proj(x), self.kv_heads)
        return self.o_proj(attend(query, key, value))


class LlamaFeed(nn.Module):
    def __init__(self, model, projection):
        super().__init__()
        self.gate_proj = projection("gate_proj", model["width"], model["hidden"])
        self.up_proj = projection("up_proj", model["width"], model["hidden"])
        self.down_proj = projection("down_proj", model["hidden"], model["width"])

    def forward(self, x):
        return self.down_proj(functional.silu(self.gate_proj(x)) * self.up_proj(x))


class LlamaLayer(nn.Module):
    def __init__(self, model, projection):
        super().__init__()
        self.input_layernorm = RmsNorm(model["width"], epsilon_of(model))
        self.self_attn = LlamaAttention(model, projection)
        self.post_attention_layernorm = RmsNorm(model["width"], epsilon_of(model))
        self.mlp = LlamaFeed(model, projection)

    def forward(self, x, cosine, sine):
        x = x + self.self_attn(self.input_layernorm(x), cosine, sine)
        return x + self.mlp(self.post_attention_layernorm(x))


class Llama(nn.Module):
    def __init__(self, model, length, adapter):
        super().__init__()
        targets = adapter["targets"] if adapter else []

        def projection(name, size_in, size_out):
            return Projection(size_in, size_out, adapter if name in targets else None)

        self.model = nn.Module()
        self.model.embed_tokens = Table(model["vocab"], model["width"])
        self.model.layers = nn.ModuleList(LlamaLayer(model, projection) for _ in range(model["layers"]))
        self.model.norm = RmsNorm(model["width"], epsilon_of(model))
        if not model["tied"]:
            self.lm_head = Projection(model["width"], model["vocab"])
        self.is_tied = model["tied"]
        size = model["width"] // model["heads"]
        waves = torch.arange(size // 2, dtype=torch.float64) * (-2 / size)
        angles = torch.arange(length, dtype=torch.float64)[:, None] * model.get("ropeBase", 10_000) ** waves
        angles = torch.cat([angles, angles], 1)
        self.register_buffer("cosine", angles.cos().float(), persistent=False)
        self.register_buffer("sine", angles.sin().float(), persistent=False)

    def blocks(self):
        return list(self.model.layers)

    def forward(self, ids):
        table = self.model.embed_tokens.weight
        x = functional.embedding(ids, table)
        for layer in self.model.layers:
            x = layer(x, self.cosine, self.sine)
        x = self.model.norm(x)
        return functional.linear(x, table) if self.is_tied else self.lm_head(x)


class Conv1d(nn.Module):
    """GPT-2's projection: W [in, out] and a bias."""

    def __init__(self, size_in, size_out):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(size_in, size_out))
        self.bias = nn.Parameter(torch.zeros(size_out))

    def forward(self, x):
        return functional.linear(x, self.weight.t(), self.bias)


class Gpt2Attention(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.heads = model["heads"]
        self.c_attn = Conv1d(model["width"], 3 * model["width"])
        self.c_proj = Conv1d(model["width"], model["width"])

    def forward(self, x):
        query, key, value = (in_heads(part, self.heads) for part in self.c_attn(x).chunk(3, -1))
        return self.c_proj(attend(query, key, value))


class Gpt2Feed(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.c_fc = Conv1d(model["width"], model["hidden"])
        self.c_proj = Conv1d(model["hidden"], model["width"])

    def forward(self, x):
        return self.c_proj(functional.gelu(self.c_fc(x), approximate="tanh"))


class Gpt2Layer(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.ln_1 = nn.LayerNorm(model["width"], epsilon_of(model))
        self.attn = Gpt2Attention(model)
        self.ln_2 = nn.LayerNorm(model["width"], epsilon_of(model))
        self.mlp = Gpt2Feed(model)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class Gpt2(nn.Module):
    def __init__(self, model, length, adapter):
        super().__init__()
        if adapter:
            raise ValueError("adapters are for llama-style models")
        self.transformer = nn.Module()
        self.transformer.wte = Table(model["vocab"], model["width"])
        self.transformer.wpe = Table(model["context"], model["width"])
        self.transformer.h = nn.ModuleList(Gpt2Layer(model) for _ in range(model["layers"]))
        self.transformer.ln_f = nn.LayerNorm(model["width"], epsilon_of(model))
        if not model["tied"]:
            self.lm_head = Projection(model["width"], model["vocab"])
        self.is_tied = model["tied"]
        self.length = length

    def blocks(self):
        return list(self.transformer.h)

    def forward(self, ids):
        table = self.transformer.wte.weight
        x = functional.embedding(ids, table) + self.transformer.wpe.weight[: self.length]
        for layer in self.transformer.h:
            x = layer(x)
        x = self.transformer.ln_f(x)
        return functional.linear(x, table) if self.is_tied else self.lm_head(x)


def epsilon_of(model):
    return model.get("normEpsilon", 1e-5)


def make_model(model, length, adapter=None):
    """The model with all parameters zero; with an adapter only the adapter's are trained."""
    net = {"llama": Llama, "gpt2": Gpt2}[model["architecture"]](model, length, adapter)
    if adapter:
        for name, parameter in net.named_parameters():
            parameter.requires_grad_(".lora_" in name)
    return net


def table_name(name):
    """A parameter's name in the tables of Cairn: those of adapters are PEFT's."""
    return f"base_model.model.{name}" if ".lora_" in name else name


def weighted_loss(logits, targets, weights, total):
    """Σ weight · −ln p(target) / total, in nats."""
    each = functional.cross_entropy(logits.flatten(0, 1).float(), targets.flatten(), reduction="none")
    return (each * weights.flatten()).sum() / total
