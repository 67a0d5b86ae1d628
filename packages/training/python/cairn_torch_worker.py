"""Computes losses and gradients with PyTorch for a Cairn trainer, which talks to it over standard input and output.

Each message is one line of JSON, and after it as many raw bytes as its `bytes` says (none when absent), numbers in
little-endian order. A request has `do`, and the answer is `{"ok": true, ...}` or `{"ok": false, "reason": ...}`.

  open    model, rows, length, adapter?, threads, device, precision, processes
          -> tensors: the table's [name, shape] in order; trained: names; torch: version
  step    parameters (f32) in table order, ids (i32), targets (i32), weights (f32)
          -> loss, and the gradients (f32) of the trained tensors in their order
  loss    as step -> loss
  close   -> ok, and the worker ends

With several processes the model is sharded over them (FSDP); they are on this machine and meet over its loopback.
Parameters arrive as floats and stay with the caller; with `bfloat16` only the arithmetic of the pass is in halves.
"""

import ctypes
import json
import os
import sys
import threading

MAX_LINE = 1 << 20


def read_exactly(stream, size):
    data = bytearray(size)
    view = memoryview(data)
    done = 0
    while done < size:
        count = stream.readinto(view[done:])
        if not count:
            raise EOFError("the trainer closed the pipe")
        done += count
    return data


def write_message(stream, header, tensors=()):
    size = sum(4 * tensor.numel() for tensor in tensors)
    stream.write(json.dumps({**header, "bytes": size}).encode() + b"\n")
    for tensor in tensors:
        if tensor.numel():
            stream.write(memoryview((ctypes.c_char * (4 * tensor.numel())).from_address(tensor.data_ptr())))
    stream.flush()


class Engine:
    """One model at one batch shape, whole or as this process's shard of it."""

    def __init__(self, torch, options, rank):
        import cairn_torch_model as models

        self.torch, self.models, self.rank = torch, models, rank
        self.rows, self.length = options["rows"], options["length"]
        self.processes = options["processes"]
        self.device = torch.device(options["device"], rank) if options["device"] == "cuda" else torch.device("cpu")
        self.is_half = options["precision"] == "bfloat16"
        torch.set_num_threads(max(1, options["threads"] // self.processes))
        net = models.make_model(options["model"], self.length, options.get("adapter"))
        self.names = [models.table_name(name) for name, _ in net.named_parameters()]
        self.shapes = [list(parameter.shape) for parameter in net.parameters()]
        self.net = net.to(self.device)
        if self.processes > 1:
            self.shard()
        self.parameters = list(self.net.parameters())
        self.trained = [at for at, parameter in enumerate(self.parameters) if parameter.requires_grad]

    def shard(self):
        from torch.distributed.fsdp import fully_shard

        if self.rows % self.processes:
            raise ValueError(f"{self.rows} rows do not divide by {self.processes} processes")
        mesh = self.torch.distributed.init_device_mesh(self.device.type, (self.processes,))
        for block in self.net.blocks():
            fully_shard(block, mesh=mesh)
        fully_shard(self.net, mesh=mesh)

    def count(self):
        return sum(self.torch.Size(shape).numel() for shape in self.shapes)

    def run(self, flat, ids, targets, weights, with_gradients):
        """All arguments are whole, on the processor, in every process. Gradients come back in the first process."""
        torch = self.torch
        self.load(flat)
        total = weights.double().sum().item()
        per = self.rows // self.processes
        mine = slice(self.rank * per, (self.rank + 1) * per)
        ids, targets, weights = (
            part.view(self.rows, self.length)[mine].to(self.device) for part in (ids, targets, weights)
        )
        self.net.zero_grad(set_to_none=True)
        with torch.set_grad_enabled(with_gradients):
            with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.is_half):
                logits = self.net(ids.long())
            loss = self.models.weighted_loss(logits, targets.long(), weights, total)
        if with_gradients:
            # Sharded gradients are averaged over the processes, and the loss is a sum over them.
            (loss * self.processes).backward()
        loss = loss.detach().double()
        if self.processes > 1:
            torch.distributed.all_reduce(loss)
        gradients = [self.whole(self.parameters[at]) for at in self.trained] if with_gradients else []
        return loss.item(), gradients

    def load(self, flat):
        torch = self.torch
        at = 0
        with torch.no_grad():
            for parameter, shape in zip(self.parameters, self.shapes):
                size = torch.Size(shape).numel()
                whole = flat[at : at + size].view(shape)
                if self.processes == 1:
                    parameter.copy_(whole)
                else:
                    local = parameter.to_local()
                    start = -(-shape[0] // self.processes) * self.rank
                    local.copy_(whole[start : start + local.shape[0]])
                at += size

    def whole(self, parameter):
        gradient = parameter.grad
        if gradient is None:
            gradient = self.torch.zeros_like(parameter)
        if self.processes > 1:
            gradient = gradient.full_tensor()
        return gradient.detach().to("cpu", self.torch.float32).contiguous()


def split_request(torch, engine, data):
    positions = engine.rows * engine.length
    counts = [engine.count(), positions, positions, positions]
    if len(data) != 4 * sum(counts):
        raise ValueError(f"a step of {len(data)} bytes where {4 * sum(counts)} are expected")
    parts, at = [], 0
    for size, kind in zip(counts, (torch.float32, torch.int32, torch.int32, torch.float32)):
        parts.append(torch.frombuffer(data, dtype=kind, count=size, offset=at))
        at += 4 * size
    return parts


def follow(rank, options, port):
    """A further process of a sharded engine: computes with the first until the first says it is done."""
    import torch

    join_group(torch, rank, options, port)
    engine = Engine(torch, options, rank)
    while True:
        parts, want = receive_parts(torch, engine)
        if want == 0:
            break
        engine.run(*parts, want == 1)
    torch.distributed.destroy_process_group()


def join_group(torch, rank, options, port):
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    backend = "nccl" if options["device"] == "cuda" else "gloo"
    if backend == "nccl":
        torch.cuda.set_device(rank)
    torch.distributed.init_process_group(backend, rank=rank, world_size=options["processes"])


def empty_parts(torch, engine):
    positions = engine.rows * engine.length
    return [
        torch.empty(engine.count(), dtype=torch.float32),
        torch.empty(positions, dtype=torch.int32),
        torch.empty(positions, dtype=torch.int32),
        torch.empty(positions, dtype=torch.float32),
    ]


def share(torch, engine, want, parts=None):
    """Hands what the first process was told to the others. `want`: 0 to end, 1 for a step, 2 for a loss."""
    said = torch.tensor([want], device=engine.device)
    torch.distributed.broadcast(said, 0)
    want = int(said.item())
    if want == 0:
        return [], want
    shared = []
    for part in parts or empty_parts(torch, engine):
        moved = part.to(engine.device)
        torch.distributed.broadcast(moved, 0)
        shared.append(moved.cpu())
    return shared, want


def receive_parts(torch, engine):
    return share(torch, engine, 0)


def free_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def open_engine(torch, options):
    """The engine of this process, after the others of a sharded one were started."""
    if options["processes"] == 1:
        return Engine(torch, options, 0)
    port = free_port()
    context = torch.multiprocessing.get_context("spawn")
    for rank in range(1, options["processes"]):
        process = context.Process(target=follow, args=(rank, options, port), daemon=True)
        process.start()
        # A process that dies would leave the others waiting for it forever.
        threading.Thread(target=end_with, args=(process,), daemon=True).start()
    join_group(torch, 0, options, port)
    return Engine(torch, options, 0)


def end_with(process):
    process.join()
    if process.exitcode != 0:
        print(f"a process of the sharded engine ended with {process.exitcode}", file=sys.stderr, flush=True)
        os._exit(1)


def answer(torch, engine, header, data, out):
    parts = split_request(torch, engine, data)
    is_step = header["do"] == "step"
    if engine.processes > 1:
        share(torch, engine, 1 if is_step else 2, parts)
    loss, gradients = engine.run(*parts, is_step)
    # JSON has no NaN; null stands for it.
    write_message(out, {"ok": True, "loss": loss if loss == loss else None}, gradients)


def main():
    source, out = sys.stdin.buffer, sys.stdout.buffer
    # Whatever a library prints must not be taken for an answer.
    sys.stdout = sys.stderr
    engine = torch = None
    while line := source.readline(MAX_LINE):
        header = json.loads(line)
        data = read_exactly(source, header.get("bytes", 0))
        try:
            if header["do"] == "close":
                break
            if header["do"] == "open":
                import torch

                engine = open_engine(torch, header)
                table = [[name, shape] for name, shape in zip(engine.names, engine.shapes)]
                trained = [engine.names[at] for at in engine.trained]
                write_message(out, {"ok": True, "tensors": table, "trained": trained, "torch": torch.__version__})
            elif header["do"] in ("step", "loss"):
                answer(torch, engine, header, data, out)
            else:
                raise ValueError("an unknown request")
        except Exception as error:  # said to the trainer, who decides
            write_message(out, {"ok": False, "reason": f"{type(error).__name__}: {error}"[:2000]})
            if engine is not None and engine.processes > 1:
                # The others may wait for this process in the middle of a step.
                os._exit(1)
    if engine is not None and engine.processes > 1:
        share(torch, engine, 0)
        torch.distributed.destroy_process_group()
    write_message(out, {"ok": True})


if __name__ == "__main__":
    main()
