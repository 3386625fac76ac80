"""Makes generation.json: beam searches that end early, and probabilities that are sampled from.

Needs torch and transformers 5.24. Run in this folder: python3 generation.py FOLDER, the folder of the
golden models (llama2, llama3). A search is kept only if noise of 1e-3 on the log-probabilities does
not change it.
"""
import itertools
import json
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, LogitsProcessor, LogitsProcessorList
from transformers.generation.logits_process import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

torch.set_num_threads(1)


class Noise(LogitsProcessor):
    def __init__(self, seed):
        self.generator = torch.Generator().manual_seed(seed)

    def __call__(self, ids, scores):
        return scores + 1e-3 * torch.randn(scores.shape, generator=self.generator)


def search(model, prompts, most, beams, penalty, early, eos, noise=None):
    width = max(len(p) for p in prompts)
    ids = torch.tensor([[0] * (width - len(p)) + p for p in prompts])
    mask = torch.tensor([[0] * (width - len(p)) + [1] * len(p) for p in prompts])
    model.generation_config.eos_token_id = eos
    model.generation_config.pad_token_id = 0
    with torch.no_grad():
        out = model.generate(
            input_ids=ids, attention_mask=mask, max_new_tokens=most, num_beams=beams, do_sample=False,
            length_penalty=penalty, early_stopping=early, return_dict_in_generate=True, output_scores=True,
            logits_processor=LogitsProcessorList([Noise(noise)] if noise is not None else []))
    rows = []
    for row in out.sequences[:, width:].tolist():
        end = next((i for i, t in enumerate(row) if t in eos), most - 1)
        rows.append(row[:end + 1])
    return rows, out.sequences_scores.tolist()


def beams(folder):
    cases = []
    draw = torch.Generator().manual_seed(5)
    for name in ("llama3", "llama2"):
        model = AutoModelForCausalLM.from_pretrained(folder / name, attn_implementation="eager").eval()
        for count, penalty, early in itertools.product((2, 4), (1.0, 0.0, 2.0, -1.0), (False, True, "never")):
            for attempt in range(40):
                lengths = (6, 3)
                prompts = [torch.randint(5, 95, (n,), generator=draw).tolist() for n in lengths]
                free, _ = search(model, prompts, 14, count, 1.0, False, [2])
                seen = sorted({t for row in free for t in row[1:9]})
                eos = [seen[i] for i in torch.randperm(len(seen), generator=draw)[:2]]
                wanted, scores = search(model, prompts, 14, count, penalty, early, eos)
                noisy = [search(model, prompts, 14, count, penalty, early, eos, i)[0] for i in range(4)]
                if all(n == wanted for n in noisy) and min(map(len, wanted)) < 14:
                    cases.append(dict(model=name, prompts=prompts, max_new_tokens=14, num_beams=count,
                                      length_penalty=penalty, early_stopping=str(early).lower(), eos=eos,
                                      generated=wanted, scores=[round(s, 6) for s in scores]))
                    break
    return cases


def sampling():
    draw = torch.Generator().manual_seed(1)
    cases = []
    for temperature, k, p in ((1.0, 0, 1.0), (0.7, 0, 1.0), (1.0, 5, 1.0), (1.0, 0, 0.8), (0.5, 6, 0.9),
                              (2.0, 3, 0.5), (1.5, 0, 1e-9), (1.0, 100, 0.95)):
        logits = (3 * torch.randn(1, 16, generator=draw)).float()
        if k == 5:  # ties at the edge stay
            logits[0, logits[0].argsort()[10]] = logits[0].topk(5)[0][-1]
        scores = logits.double()
        if temperature != 1.0:
            scores = TemperatureLogitsWarper(temperature)(None, scores)
        if k:
            scores = TopKLogitsWarper(k)(None, scores)
        if p < 1:
            scores = TopPLogitsWarper(p)(None, scores)
        cases.append(dict(logits=logits[0].tolist(), temperature=temperature, top_k=k, top_p=p,
                          probabilities=scores.softmax(-1)[0].tolist()))
    return cases


if __name__ == "__main__":
    made = {"beams": beams(Path(sys.argv[1])), "sampling": sampling()}
    lines = [f' "{name}": [\n  ' + ",\n  ".join(json.dumps(case) for case in cases) + "\n ]"
             for name, cases in made.items()]
    Path("generation.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
