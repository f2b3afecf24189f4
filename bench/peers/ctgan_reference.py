"""Trains the reference CTGAN (package ctgan) on a CSV table and writes as many synthetic rows; prints its times as JSON.

usage: ctgan_reference.py TABLE.csv OUT.csv THREADS EPOCHS SEED
"""
import json
import random
import sys
import time

import numpy
import pandas
import torch
from ctgan import CTGAN
from ctgan.data_transformer import DataTransformer

table_path, out_path = sys.argv[1:3]
threads, epochs, seed = map(int, sys.argv[3:6])
torch.set_num_threads(threads)
random.seed(seed)
numpy.random.seed(seed)
torch.manual_seed(seed)

table = pandas.read_csv(table_path)
discrete = [name for name in table.columns if table[name].dtype == object]
spent = {}


def clocked(key, method):
    def run(*args, **kwargs):
        start = time.perf_counter()
        try:
            return method(*args, **kwargs)
        finally:
            spent[key] = spent.get(key, 0.0) + time.perf_counter() - start

    return run


DataTransformer.fit = clocked("encoder_fit", DataTransformer.fit)
DataTransformer.transform = clocked("encode", DataTransformer.transform)
model = CTGAN(epochs=epochs)
clocked("whole_fit", model.fit)(table, discrete)
rows = clocked("sample", model.sample)(len(table))
rows.to_csv(out_path, index=False)
steps = epochs * max(len(table) // 500, 1)
encoding = spent["encoder_fit"] + spent["encode"]
print(
    json.dumps(
        {
            "encodingMs": 1000 * encoding,
            "stepMs": 1000 * (spent["whole_fit"] - encoding) / steps,
            "sampleMs": 1000 * spent["sample"],
            "fitMs": 1000 * spent["whole_fit"],
        }
    )
)
