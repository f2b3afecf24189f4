"""Trains smartnoise-synth's DP-CTGAN on a CSV table and writes as many synthetic rows; prints its times as JSON.

usage: dp_ctgan_reference.py TABLE.csv OUT.csv THREADS EPOCHS EPSILON
"""
import json
import sys
import time

import pandas
import torch
from snsynth import Synthesizer

table_path, out_path = sys.argv[1:3]
threads, epochs, epsilon = int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5])
torch.set_num_threads(threads)

table = pandas.read_csv(table_path)
discrete = [name for name in table.columns if not pandas.api.types.is_numeric_dtype(table[name])]
numeric = [name for name in table.columns if name not in discrete]
preprocessing = min(1.0, epsilon / 2)


def fit(count):
    model = Synthesizer.create("dpctgan", epsilon=epsilon, epochs=count)
    start, cpu = time.perf_counter(), time.process_time()
    model.fit(table, preprocessor_eps=preprocessing, categorical_columns=discrete, continuous_columns=numeric)
    return model, time.perf_counter() - start, time.process_time() - cpu


# What two numbers of epochs take differs by the steps alone.
_, short, short_cpu = fit(1)
model, long, long_cpu = fit(1 + epochs)
model.sample(len(table)).to_csv(out_path, index=False)
steps = epochs * max(len(table) // 500, 1)
times = {"stepMs": (long - short) / steps, "stepCpuMs": (long_cpu - short_cpu) / steps, "fitMs": long}
print(json.dumps({name: 1000 * seconds for name, seconds in times.items()}))
