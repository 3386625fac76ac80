"""Training steps of transformers and PEFT, on demand: a line of JSON in, the seconds of each step out.

decoder_step.py FOLDER THREADS, then lines {"batch": 8, "length": 64, "labels": 63, "steps": 2}.
LoRA of rank 8 on every linear map, AdamW, clipping at 1, float32; labels are the last tokens of each row.
"""

import json
import sys
import time

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

folder, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)
torch.manual_seed(1)
base = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
config = LoraConfig(r=8, lora_alpha=16, target_modules="all-linear", task_type="CAUSAL_LM")
model = get_peft_model(base, config).train()
parameters = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(parameters, lr=1e-4, weight_decay=0.0)
print(json.dumps({"trained": sum(p.numel() for p in parameters)}), flush=True)

for line in sys.stdin:
    asked = json.loads(line)
    ids = torch.randint(base.config.vocab_size, (asked["batch"], asked["length"]))
    labels = ids.clone()
    labels[:, : asked["length"] - asked["labels"]] = -100
    seconds = []
    for _ in range(asked["steps"]):
        start = time.perf_counter()
        loss = model(input_ids=ids, attention_mask=torch.ones_like(ids), labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        seconds.append(time.perf_counter() - start)
    print(json.dumps({"seconds": seconds, "loss": loss.item()}), flush=True)
