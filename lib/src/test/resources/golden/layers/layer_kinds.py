"""Makes layer_kinds.json: forward, gradient and one AdamW step of every layer kind.

Independent of the library: plain Python, 60-digit decimals, no matrix library, gradients by central
differences (step 1e-20, so good to about 1e-38). The loss is half the squared distance of the
output to a target. DoRA's row lengths are taken at the unmoved factors, as its gradient takes them
for constants.

    python3 layer_kinds.py > layer_kinds.json
"""
import json
import random
from decimal import Decimal, getcontext

getcontext().prec = 60
D = Decimal
H = D("1e-20")
LR, DECAY, BETA1, BETA2, EPS = D("0.01"), D("0.1"), D("0.9"), D("0.999"), D("1e-8")


def draw(rng, rows, columns):
    # thousandths: exact in the JSON, and in float64 after one rounding
    return [[D(rng.randint(-999, 999)) / 1000 for _ in range(columns)] for _ in range(rows)]


def matmul(a, b):
    return [[sum((x * y for x, y in zip(row, column)), D(0)) for column in zip(*b)] for row in a]


def transposed(a):
    return [list(column) for column in zip(*a)]


def row_lengths(v):
    return [sum((x * x for x in row), D(0)).sqrt() for row in v]


def adapted_weight(case, p, lengths):
    r = case["rank"]
    s = case["s"]
    kind = case["kind"]
    a = p["lora_A"]
    if kind == "adalora":
        a = [[p["lora_E"][i][0] * x for x in a[i]] for i in range(r)]
    ba = matmul(p["lora_B"], a)
    v = [[w + s * d for w, d in zip(rw, rd)] for rw, rd in zip(case["W"], ba)]
    if kind == "dora":
        m = p["lora_magnitude_vector"]
        v = [[m[i][0] / lengths[i] * x for x in v[i]] for i in range(len(v))]
    return v


def forward(case, p, lengths):
    y = matmul(case["x"], transposed(adapted_weight(case, p, lengths)))
    if case["bias"]:
        y = [[v + b for v, b in zip(row, case["bias"])] for row in y]
    return y


def loss(case, p, lengths):
    y = forward(case, p, lengths)
    return sum(((a - b) ** 2 for ra, rb in zip(y, case["target"]) for a, b in zip(ra, rb)), D(0)) / 2


def gradient(case, p, lengths):
    g = {}
    for name, matrix in p.items():
        g[name] = [[D(0)] * len(matrix[0]) for _ in matrix]
        for i in range(len(matrix)):
            for j in range(len(matrix[0])):
                kept = matrix[i][j]
                matrix[i][j] = kept + H
                up = loss(case, p, lengths)
                matrix[i][j] = kept - H
                down = loss(case, p, lengths)
                matrix[i][j] = kept
                g[name][i][j] = (up - down) / (2 * H)
    return g


def adamw(p, g):
    """The first step: with t = 1, m/(1-beta1) = g and v/(1-beta2) = g squared."""
    moved = {}
    for name in p:
        moved[name] = []
        for row, gradients in zip(p[name], g[name]):
            moved[name].append([])
            for w, d in zip(row, gradients):
                m = (1 - BETA1) * d / (1 - BETA1)
                v = (1 - BETA2) * d * d / (1 - BETA2)
                moved[name][-1].append(w * (1 - LR * DECAY) - LR * m / (v.sqrt() + EPS))
    return moved


def scaling(kind, rank, alpha):
    if kind == "rslora":
        return D(alpha) / D(rank).sqrt()
    if kind == "adalora":
        return D(alpha) / (D(rank) + D("1e-5"))
    return D(alpha) / D(rank)


def numbers(x):
    if isinstance(x, dict):
        return {k: numbers(v) for k, v in x.items()}
    if isinstance(x, list):
        return [numbers(v) for v in x]
    return float(x) if isinstance(x, D) else x


def main():
    rng = random.Random(20240718)
    cases = []
    for kind in ("lora", "rslora", "dora", "adalora"):
        for rank, out, inn, with_bias in ((1, 5, 7, True), (4, 7, 5, False), (4, 6, 6, True), (1, 4, 3, False)):
            if rank > min(out, inn):
                continue
            rank_alpha = 3 * rank + 1
            case = {"kind": kind, "rank": rank, "alpha": rank_alpha, "s": scaling(kind, rank, rank_alpha)}
            case["W"] = draw(rng, out, inn)
            case["bias"] = draw(rng, 1, out)[0] if with_bias else []
            case["x"] = draw(rng, 3, inn)
            case["target"] = draw(rng, 3, out)
            p = {"lora_A": draw(rng, rank, inn), "lora_B": draw(rng, out, rank)}
            if kind == "adalora":
                p["lora_E"] = draw(rng, rank, 1)
            lengths = None
            if kind == "dora":
                lengths = row_lengths(adapted_weight(dict(case, kind="lora"), p, None))
                p["lora_magnitude_vector"] = [[abs(x[0]) + D("0.5")] for x in draw(rng, out, 1)]
            case["parameters"] = {k: [row[:] for row in v] for k, v in p.items()}
            case["y"] = forward(case, p, lengths)
            case["loss"] = loss(case, p, lengths)
            case["gradient"] = gradient(case, p, lengths)
            case["after_adamw"] = adamw(p, case["gradient"])
            cases.append(numbers(case))
    settings = {"learning_rate": LR, "weight_decay": DECAY, "beta1": BETA1, "beta2": BETA2, "epsilon": EPS}
    print("{\"adamw\": " + json.dumps(numbers(settings)) + ",\n\"cases\": [")
    print(",\n".join(json.dumps(c) for c in cases))
    print("]}")


if __name__ == "__main__":
    main()
