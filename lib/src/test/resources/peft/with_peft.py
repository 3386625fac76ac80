"""Adapters in transformers and PEFT. The standard input is a JSON list of cases, each with

model    a folder of transformers, with inputs_expected.safetensors in it
load     a folder of adapters to attach; its keys have to be those that PEFT would write
make     or: fields of a configuration of PEFT, whose adapter is moved from its start and saved
method   with make: LORA or ADALORA
save     with make: the folder
logits   the file for the logits of the model with its adapter, and without as "base"
"""

import json
import sys

import peft
import torch
import transformers
from peft.utils.save_and_load import get_peft_model_state_dict, set_peft_model_state_dict
from safetensors.torch import load_file, save_file

torch.set_num_threads(1)


def base_of(folder):
    config = transformers.AutoConfig.from_pretrained(folder)
    kind = getattr(transformers, config.architectures[0])
    return kind.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()


def logits_of(model, folder):
    tensors = load_file(folder + "/inputs_expected.safetensors")
    names = ["input_ids", "attention_mask", "token_type_ids", "decoder_input_ids"]
    inputs = {n: tensors["in." + n] for n in names if "in." + n in tensors}
    with torch.no_grad():
        return model(**inputs).logits.contiguous()


def loaded(base, folder):
    tensors = load_file(folder + "/adapter_model.safetensors")
    model = peft.get_peft_model(base, peft.PeftConfig.from_pretrained(folder))
    # PEFT's AdaLoRA cuts its arrays to the ranks of the file as it reads it
    result = set_peft_model_state_dict(model, dict(tensors))
    wanted = set(get_peft_model_state_dict(model))
    # if all biases are trained, PEFT writes those of a head that is saved whole three times
    wanted = {k for k in wanted if ".modules_to_save." not in k and ".original_module." not in k}
    if wanted != set(tensors) or result.unexpected_keys:
        raise SystemExit(
            f"{folder}: missing {sorted(wanted - set(tensors))},"
            f" unexpected {sorted(set(tensors) - wanted)} {result.unexpected_keys}"
        )
    return model.eval()


def made(base, case):
    kind = {"LORA": peft.LoraConfig, "ADALORA": peft.AdaLoraConfig}[case["method"]]
    model = peft.get_peft_model(base, kind(**case["make"]))
    generator = torch.Generator().manual_seed(11)
    for parameter in model.parameters():
        if parameter.requires_grad:
            noise = torch.randn(parameter.shape, generator=generator)
            parameter.data.add_(0.1 * noise)
    model.save_pretrained(case["save"])
    return model.eval()


for case in json.load(sys.stdin):
    base = base_of(case["model"])
    plain = logits_of(base, case["model"])
    model = loaded(base, case["load"]) if "load" in case else made(base, case)
    save_file({"logits": logits_of(model, case["model"]), "base": plain}, case["logits"])
