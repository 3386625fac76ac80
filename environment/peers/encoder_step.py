"""Training steps of transformers and PEFT on a classifier, on demand: a line of JSON in, the seconds of each step out.

encoder_step.py FOLDER THREADS, then lines {"batch": 32, "length": 32, "steps": 3}.
LoRA of rank 8 on every linear map of the blocks, a new head trained beside it, AdamW, clipping at 1, float32. No dropout
but the head's, as in ours; transformers' head has its pooler in front, one product a text.
"""

import json
import sys
import time

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification

folder, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)
torch.manual_seed(1)
base = AutoModelForSequenceClassification.from_pretrained(
    folder,
    dtype=torch.float32,
    num_labels=2,
    hidden_dropout_prob=0.0,
    attention_probs_dropout_prob=0.0,
    classifier_dropout=0.1,
)
config = LoraConfig(
    r=8,
    lora_alpha=16,
    target_modules=r".*encoder\.layer\..*\.(query|key|value|dense)",
    modules_to_save=["classifier"],
    task_type="SEQ_CLS",
)
model = get_peft_model(base, config).train()
adapted = sum(name.endswith("lora_A.default") for name, _ in model.named_modules())
parameters = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(parameters, lr=1e-4, weight_decay=0.0)
print(json.dumps({"adapted": adapted}), flush=True)

for line in sys.stdin:
    asked = json.loads(line)
    ids = torch.randint(base.config.vocab_size, (asked["batch"], asked["length"]))
    labels = torch.randint(2, (asked["batch"],))
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
