"""Reads adapter folders with nothing but json and torch, and applies each to one linear map.

    python3 read_adapter.py < [{"folder": ..., "path": ..., "W": ..., "b": ..., "x": ...}]  > [[[y]]]
"""
import json
import math
import struct
import sys

import torch


def tensors(path):
    raw = open(path, "rb").read()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + length])
    assert header.pop("__metadata__") == {"format": "pt"} and length % 8 == 0
    types = {"F32": torch.float32, "F64": torch.float64}
    found, end = {}, 0
    for name, t in sorted(header.items(), key=lambda e: e[1]["data_offsets"]):
        begin, stop = t["data_offsets"]
        assert begin == end
        end = stop
        data = bytearray(raw[8 + length + begin : 8 + length + stop])
        found[name] = torch.frombuffer(data, dtype=types[t["dtype"]]).reshape(t["shape"])
    assert 8 + length + end == len(raw)
    return found


def output(folder, path, **given):
    given = {k: torch.tensor(v) for k, v in given.items()}
    config = json.load(open(folder + "/adapter_config.json"))
    found = tensors(folder + "/adapter_model.safetensors")
    own = {k[len("base_model.model.") :]: v for k, v in found.items()}
    own = {k[len(path) + 1 :]: v for k, v in own.items() if k.startswith(path + ".lora_")}
    w, alpha = given["W"], config["lora_alpha"]
    if config["peft_type"] == "ADALORA":
        scale = alpha / (config["init_r"] + 1e-5)
        w = w + scale * own["lora_B"] @ (own["lora_A"] * own["lora_E"])
    else:
        r = config["rank_pattern"].get(path, config["r"])
        assert own["lora_A.weight"].shape[0] == r
        s = alpha / math.sqrt(r) if config["use_rslora"] else alpha / r
        w = w + s * own["lora_B.weight"] @ own["lora_A.weight"]
        if config["use_dora"]:
            w = w * (own["lora_magnitude_vector"] / torch.linalg.norm(w, dim=1)).unsqueeze(1)
    return (given["x"] @ w.T + given["b"]).tolist()


print(json.dumps([output(**case) for case in json.load(sys.stdin)]))
