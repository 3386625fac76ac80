"""Greedy texts of a model with an adapter, by transformers and PEFT, as lists of new ids.

greedy.py MODEL ADAPTER PROMPTS.json NEW_TOKENS STOP    ADAPTER is - for the model alone; prompts are lists of ids
"""

import json
import sys

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

folder, adapter, prompts, new_tokens, stop = sys.argv[1:]
torch.set_num_threads(1)
model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
if adapter != "-":
    model = PeftModel.from_pretrained(model, adapter)
model.eval()
for ids in json.load(open(prompts)):
    given = torch.tensor([ids])
    with torch.no_grad():
        out = model.generate(input_ids=given, attention_mask=torch.ones_like(given), do_sample=False,
                             max_new_tokens=int(new_tokens), eos_token_id=int(stop), pad_token_id=int(stop))
    print(json.dumps(out[0, len(ids):].tolist()), flush=True)
