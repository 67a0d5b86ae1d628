"""Times training steps of PyTorch eager: forward, backward, clip, AdamW. For the comparison of engines.

The argument is JSON: model, rows, length, threads, steps. Prints JSON: stepMs (one each), peakBytes, torch.
"""

import json
import resource
import sys
import time

import torch
from cairn_torch_model import make_model, weighted_loss

asked = json.loads(sys.argv[1])
torch.set_num_threads(asked["threads"])
torch.manual_seed(1)
rows, length, vocab = asked["rows"], asked["length"], asked["model"]["vocab"]
net = make_model(asked["model"], length)
with torch.no_grad():
    for parameter in net.parameters():
        parameter.normal_(0.0, 0.02) if parameter.dim() > 1 else parameter.fill_(1.0)
matrices = [parameter for parameter in net.parameters() if parameter.dim() > 1]
vectors = [parameter for parameter in net.parameters() if parameter.dim() == 1]
groups = [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}]
adamw = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.95), foreach=True)
weights = torch.ones(rows, length)
times = []
for _ in range(asked["steps"]):
    ids, targets = torch.randint(vocab, (rows, length)), torch.randint(vocab, (rows, length))
    start = time.perf_counter()
    adamw.zero_grad()
    weighted_loss(net(ids), targets, weights, rows * length).backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    adamw.step()
    times.append(1000 * (time.perf_counter() - start))
unit = 1 if sys.platform == "darwin" else 1024
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
print(json.dumps({"stepMs": times, "peakBytes": peak, "torch": torch.__version__}))
