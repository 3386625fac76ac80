"""Makes lora_rite_options.json: LoRA-RITE in float64 on QR bases of the factors. Needs NumPy.

Run in this folder: python3 lora_rite_options.py
"""
import json

import numpy as np


def rms(x):
    return np.sqrt(np.mean(x * x))


def run(a, b, full_gradients, scaling, rate, kw):
    beta1, beta2 = kw["betas"]
    eps = kw.get("eps", 1e-6)
    clip = kw.get("clip_unmagnified_grad", 1.0)
    skip = kw.get("update_skipping", 1.0)
    cap = kw.get("update_capping", 0.0)
    decay = kw.get("weight_decay", 0.0)
    r = a.shape[0]
    # One state a factor; both factors are (big, r), A transposed.
    state = [
        dict(m=np.zeros(own.shape), v=np.zeros((r, r)), q=np.zeros(partner.shape), escape=0.0)
        for own, partner in ((a.T, b), (b, a.T))
    ]
    steps = []
    for t, g in enumerate(full_gradients):
        raw = [(scaling * b.T @ g).T, scaling * g @ a.T]
        bases, inverses, unmagnified = [], [], []
        for gradient, partner in zip(raw, (b, a.T)):
            q, root = np.linalg.qr(partner)
            inverse = np.linalg.pinv(root)
            z = gradient @ inverse
            if skip > 0 and rms(z) > skip:
                z = np.zeros_like(z)
            bases.append(q)
            inverses.append(inverse)
            unmagnified.append(z)
        norm = np.sqrt(sum((z * z).sum() for z in unmagnified))
        if clip > 0 and norm > clip:
            unmagnified = [z * (clip / norm) for z in unmagnified]

        def corrected(beta):
            return beta * (1 - beta**t) / (1 - beta ** (t + 1))

        moved = []
        for k, own in enumerate((a.T, b)):
            s, z = state[k], unmagnified[k]
            change = bases[k].T @ s["q"]
            turned = change @ s["v"] @ change.T
            escape = 0.0
            if kw.get("apply_escape", False):
                drop = (np.linalg.eigvalsh(s["v"]) - np.linalg.eigvalsh(turned)).max()
                trace = np.trace(s["v"]) - np.trace(turned)
                escape = corrected(beta2) * (s["escape"] + min(max(drop, 0), max(trace, 0)))
            v = corrected(beta2) * turned + (1 - corrected(beta2)) * z.T @ z / z.shape[0]
            values, vectors = np.linalg.eigh((v + v.T) / 2)
            scale = 1 / (np.sqrt(np.maximum(values, 0) + escape) + eps)
            whitening = vectors @ np.diag(scale) @ vectors.T
            m = corrected(beta1) * s["m"] @ change.T + (1 - corrected(beta1)) * z @ whitening
            s.update(m=m, v=v, q=bases[k], escape=escape)
            update = m / max(1.0, rms(m) / cap) if cap > 0 else m
            moved.append(own - rate * (update @ inverses[k].T + decay * own))
        if kw.get("balance_param", False):
            sizes = [np.linalg.norm(x) + 1e-6 for x in moved]
            middle = np.sqrt(sizes[0] * sizes[1])
            moved = [x * (middle / size) for x, size in zip(moved, sizes)]
        a, b = moved[0].T.copy(), moved[1].copy()
        steps.append(dict(A=a.tolist(), B=b.tolist()))
    return steps


OFF = dict(update_skipping=0.0, clip_unmagnified_grad=0.0)
RUNS = dict(
    lora_rite_skipped=dict(OFF, update_skipping=1.5),
    lora_rite_clipped=dict(OFF, clip_unmagnified_grad=2.0),
    lora_rite_capped=dict(OFF, update_capping=0.7),
    lora_rite_escape=dict(OFF, apply_escape=True),
    lora_rite_balanced=dict(OFF, balance_param=True, weight_decay=0.1),
    lora_rite_in_altlora=dict(
        update_skipping=5.0,
        clip_unmagnified_grad=1.0,
        update_capping=1.0,
        apply_escape=True,
        balance_param=True,
        weight_decay=0.01,
    ),
)


def main():
    random = np.random.default_rng(21)
    cases = []
    for m, n, r, zero in ((7, 5, 2, False), (6, 9, 3, False), (8, 6, 2, True)):
        a = np.round(random.uniform(-1, 1, (r, n)), 3)
        b = np.zeros((m, r)) if zero else np.round(random.uniform(-1, 1, (m, r)), 3)
        gradients = [np.round(0.3 * random.standard_normal((m, n)), 3) for _ in range(6)]
        # A large gradient at step 2, so that skipping, clipping and capping act.
        gradients[2] = np.round(gradients[2] * 10, 3)
        runs = {}
        for name, options in RUNS.items():
            kw = dict(betas=[0.9, 0.99], **options)
            runs[name] = dict(kw=kw, steps=run(a, b, gradients, 2.0, 0.05, kw))
        cases.append(
            dict(
                seed=21, m=m, n=n, r=r, scaling=2.0, lr=0.05,
                A0=a.tolist(), B0=b.tolist(), W_grad=[g.tolist() for g in gradients],
                released_runs=runs,
            )
        )
    note = "LoRA-RITE's options, from lora_rite_options.py; original, made for this project."
    with open("lora_rite_options.json", "w") as out:
        json.dump(dict(note=note, cases=cases), out)


if __name__ == "__main__":
    main()
