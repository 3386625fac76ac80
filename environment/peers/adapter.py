"""The logits of a model with an adapter, by transformers and PEFT.

adapter.py logits MODEL ADAPTER IDS.json OUT.safetensors   logits of the adapter in a folder
adapter.py make   MODEL ADAPTER IDS.json OUT.safetensors   makes a random adapter in that folder first
adapter.py merged MODEL -       IDS.json OUT.safetensors   logits of the model alone
"""

import json
import sys

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

what, folder, adapter, ids, out = sys.argv[1:]
torch.set_num_threads(1)
torch.manual_seed(3)
model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
if what == "make":
    config = LoraConfig(r=4, lora_alpha=8, target_modules="all-linear", task_type="CAUSAL_LM")
    made = get_peft_model(model, config)
    for name, parameter in made.named_parameters():
        if "lora_" in name:
            torch.nn.init.normal_(parameter, std=0.2)
    made.save_pretrained(adapter)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
if what != "merged":
    model = PeftModel.from_pretrained(model, adapter)
with torch.no_grad():
    logits = model.eval()(input_ids=torch.tensor(json.load(open(ids)))).logits
save_file({"logits": logits.contiguous()}, out)
