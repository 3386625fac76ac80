"""LoRA on the convolutions of a residual network, in PEFT: loads an adapter and makes one.

python convolutions.py FOLDER KIND    (weights.safetensors, inputs.safetensors, ours/ are there)
"""

import json
import sys

import torch
import torch.nn.functional as F
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file
from torch import nn


class Block(nn.Module):
    def __init__(self, inner, outer, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inner, outer, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outer)
        self.conv2 = nn.Conv2d(outer, outer, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outer)
        self.added = outer - inner

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.added:
            half = self.added // 2
            x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, half, half))
        return F.relu(x + y)


class ResNet(nn.Module):
    def __init__(self, blocks, channels, labels):
        super().__init__()
        self.conv1 = nn.Conv2d(3, channels, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        inner = channels
        for stage in range(3):
            outer = channels * 2**stage
            layers = []
            for i in range(blocks):
                layers.append(Block(inner, outer, 1 if inner == outer else 2))
                inner = outer
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layers))
        self.linear = nn.Linear(inner, labels)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        for stage in (self.layer1, self.layer2, self.layer3):
            x = stage(x)
        return self.linear(x.mean((2, 3)))


def network(folder):
    model = ResNet(1, 4, 5)
    model.load_state_dict(load_file(f"{folder}/weights.safetensors"), strict=False)
    return model.eval()


folder, kind = sys.argv[1:]
pixels = load_file(f"{folder}/inputs.safetensors")["pixels"]
ours = PeftModel.from_pretrained(network(folder), f"{folder}/ours").eval()
config = LoraConfig(r=3, lora_alpha=6, target_modules=["conv1", "conv2"], use_dora=kind == "dora")
torch.manual_seed(3)
theirs = get_peft_model(network(folder), config).eval()
with torch.no_grad():
    for name, parameter in theirs.named_parameters():
        if "lora_B" in name:
            parameter.normal_(0, 0.2)
        if "magnitude" in name:
            parameter.mul_(1.1)
    theirs.save_pretrained(f"{folder}/theirs")
    answer = {"ours": ours(pixels), "theirs": theirs(pixels)}
print(json.dumps({key: value.flatten().tolist() for key, value in answer.items()}))
