"""Greedy texts of transformers, on demand: a line of JSON in; ids, and the seconds and processor seconds they took, out.

generation.py FOLDER THREADS, then lines {"prompts": [[1, 2], [3]], "new_tokens": 64}.
One batch, padded on the left, with transformers' cache; nothing ends a text before its last token.
"""

import json
import sys
import time

import torch
from transformers import AutoModelForCausalLM

folder, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)
model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
model.generation_config.eos_token_id = None
print(json.dumps({"parameters": model.num_parameters()}), flush=True)

for line in sys.stdin:
    asked = json.loads(line)
    prompts = asked["prompts"]
    longest = max(map(len, prompts))
    ids = torch.tensor([[0] * (longest - len(p)) + p for p in prompts])
    mask = torch.tensor([[0] * (longest - len(p)) + [1] * len(p) for p in prompts])
    start, used = time.perf_counter(), time.process_time()
    with torch.inference_mode():
        out = model.generate(
            input_ids=ids,
            attention_mask=mask,
            max_new_tokens=asked["new_tokens"],
            do_sample=False,
            pad_token_id=0,
        )
    took = {"seconds": time.perf_counter() - start, "processor": time.process_time() - used}
    print(json.dumps(took | {"ids": out[:, longest:].tolist()}), flush=True)
