"""Optimizer steps in PyTorch on stacks of equal pairs, float32, on demand: a line of JSON in, seconds out.

optimizers.py THREADS, then lines {"optimizer": "adamw", "rank": 8, "scaling": 2.0, "shapes": [[pairs, out, in], ...],
"rounds": 3}. Factors and gradients are random. `adamw` is torch.optim.AdamW over the stacked factors; `altlora` and
`altlora_plus` are algorithms 1 and 2 of arXiv 2505.12455 on them, A moving in odd steps and B in even ones. A round is
two steps; its seconds are of one.
"""

import json
import sys
import time

import torch

BETA1, BETA2, EPSILON, DAMPING = 0.9, 0.999, 1e-6, 1e-6


class Stack:
    """Pairs of one shape: A (n, r, in), B (n, out, r), their gradients and what AltLoRA keeps."""

    def __init__(self, pairs, rows, columns, rank):
        def random(*shape):
            return 0.02 * torch.randn(*shape)

        self.a, self.b = random(pairs, rank, columns), random(pairs, rows, rank)
        self.a.grad, self.b.grad = random(pairs, rank, columns), random(pairs, rows, rank)
        self.first = {"a": torch.zeros_like(self.a), "b": torch.zeros_like(self.b)}
        self.second = {"a": torch.zeros_like(self.a), "b": torch.zeros_like(self.b)}
        self.partner = {"a": torch.zeros_like(self.b), "b": torch.zeros_like(self.a)}


def altlora(stacks, number, rate, scaling, plus):
    eye = torch.eye(stacks[0].a.shape[1])
    for s in stacks:
        name = "a" if number % 2 == 1 else "b"
        if name == "a":
            gram = s.b.mT @ s.b + DAMPING * eye
            cross = s.b.mT @ s.partner["a"]
            solved = torch.linalg.solve(gram, torch.cat((s.a.grad / scaling**2, cross), dim=2))
            columns = s.a.shape[2]
            g, old = solved[..., :columns], solved[..., columns:] @ s.first["a"]
            s.partner["a"].copy_(s.b)
        else:
            gram = s.a @ s.a.mT + DAMPING * eye
            cross = s.partner["b"] @ s.a.mT
            solved = torch.linalg.solve(gram, torch.cat((s.b.grad / scaling**2, cross), dim=1), left=False)
            rows = s.b.shape[1]
            g, old = solved[:, :rows], s.first["b"] @ solved[:, rows:]
            s.partner["b"].copy_(s.a)
        moment = s.first[name]
        torch.mul(old, BETA1, out=moment).add_(g, alpha=1 - BETA1)
        direction = moment
        if plus:
            square = s.second[name].mul_(BETA2).addcmul_(g, g, value=1 - BETA2)
            direction = moment / square.sqrt().add_(EPSILON)
        (s.a if name == "a" else s.b).sub_(direction, alpha=rate)


def main():
    torch.set_num_threads(int(sys.argv[1]))
    torch.manual_seed(1)
    print(json.dumps({"torch": torch.__version__}), flush=True)
    ready = {}
    for line in sys.stdin:
        asked = json.loads(line)
        key = json.dumps([asked["optimizer"], asked["rank"], asked["shapes"]])
        if key not in ready:
            stacks = [Stack(*shape, asked["rank"]) for shape in asked["shapes"]]
            adam = torch.optim.AdamW([f for s in stacks for f in (s.a, s.b)], lr=1e-9, weight_decay=0.0)
            ready[key] = stacks, adam, [0]
        stacks, adam, count = ready[key]
        seconds = []
        with torch.no_grad():
            for _ in range(asked["rounds"]):
                start = time.perf_counter()
                for _ in range(2):
                    count[0] += 1
                    if asked["optimizer"] == "adamw":
                        adam.step()
                    else:
                        altlora(stacks, count[0], 1e-9, asked["scaling"], asked["optimizer"] == "altlora_plus")
                seconds.append((time.perf_counter() - start) / 2)
        print(json.dumps({"seconds": seconds}), flush=True)


main()
