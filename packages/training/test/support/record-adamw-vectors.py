"""Writes test/vectors/adamw.json: what PyTorch's AdamW makes of gradients that are easy to make again."""

import json
import pathlib

import torch


def sequence(seed):
    state = seed
    while True:
        state = (state * 1664525 + 1013904223) % 2**32
        yield state / 2**32


def tensor(numbers, *shape):
    size = torch.Size(shape).numel()
    return torch.tensor([next(numbers) - 0.5 for _ in range(size)], dtype=torch.float64).float().view(shape)


numbers = sequence(17)
matrix = tensor(numbers, 5, 7).requires_grad_()
vector = tensor(numbers, 6).requires_grad_()
adamw = torch.optim.AdamW(
    [{"params": [matrix], "weight_decay": 0.1}, {"params": [vector], "weight_decay": 0.0}],
    lr=0.01,
    betas=(0.9, 0.95),
    eps=1e-8,
)
steps = []
for _ in range(8):
    matrix.grad, vector.grad = tensor(numbers, 5, 7), tensor(numbers, 6)
    length = torch.nn.utils.clip_grad_norm_([matrix, vector], 1.0).item()
    adamw.step()
    steps.append({"length": length, "matrix": matrix.flatten().tolist(), "vector": vector.tolist()})
path = pathlib.Path(__file__).parent.parent / "vectors" / "adamw.json"
path.write_text(json.dumps({"torch": torch.__version__, "seed": 17, "steps": steps}, indent=1) + "\n")
