"""The logits of a model with an adapter, by transformers and PEFT.

adapter.py logits MODEL ADAPTER IDS.json OUT.safetensors   logits of the adapter in a folder
adapter.py merged MODEL -       IDS.json OUT.safetensors   logits of the model alone
"""

import json
import sys

import torch
from peft import PeftModel
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

what, folder, adapter, ids, out = sys.argv[1:]
torch.set_num_threads(1)
model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
if what != "merged":
    model = PeftModel.from_pretrained(model, adapter)
with torch.no_grad():
    logits = model.eval()(input_ids=torch.tensor(json.load(open(ids)))).logits
save_file({"logits": logits.contiguous()}, out)
