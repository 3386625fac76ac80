"""Writes gguf_blocks.json: pip install numpy gguf==0.19.0"""
import numpy as np, json, gguf
from gguf import GGMLQuantizationType as T, quants
rng=np.random.default_rng(5)
out={}
sizes={'Q4_0':(32,18,[0]),'Q4_1':(32,20,[0,2]),'Q5_0':(32,22,[0]),'Q5_1':(32,24,[0,2]),'Q8_0':(32,34,[0]),'Q2_K':(256,84,[80,82]),'Q3_K':(256,110,[108]),'Q4_K':(256,144,[0,2]),'Q5_K':(256,176,[0,2]),'Q6_K':(256,210,[208]),'Q8_K':(256,292,None)}
for n,(be,bb,halves) in sizes.items():
    blocks=2 if be==32 else 1
    if n.endswith('K'): blocks=1
    b=rng.integers(0,256,(blocks,bb),dtype=np.uint8)
    for r in b:
        if halves is None:
            r[0:4]=np.frombuffer(np.float32(rng.normal()*0.01).tobytes(),np.uint8)
        else:
            for h in halves: r[h:h+2]=np.frombuffer(np.float16(rng.normal()*0.05).tobytes(),np.uint8)
    try:
        y=quants.dequantize(b,getattr(T,n)).reshape(-1)
        how='gguf'
    except Exception as e:
        d=b[:,0:4].copy().view(np.float32); y=(d*b[:,4:260].view(np.int8).astype(np.float32)).reshape(-1); how='numpy '+repr(e)
    assert y.dtype==np.float32 and len(y)==blocks*be
    print(n,how,y[:4])
    out[n]={'bytes':b.tobytes().hex(),'floats':y.astype('<f4').tobytes().hex()}
json.dump({'about':'Random blocks of every type and their values in float32 by the Python package gguf 0.19 (Q8_K by its formula); hexadecimal, little endian.','blocks':out},open('gguf_blocks.json','w'),indent=1)
