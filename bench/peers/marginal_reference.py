"""Fits smartnoise-synth's MST or AIM to a CSV table and writes as many synthetic rows; prints its times as JSON.

usage: marginal_reference.py TABLE.csv OUT.csv mst|aim EPSILON [MEGABYTES [ROUNDS]]

MEGABYTES bounds the model of AIM, 80 by default, ROUNDS its measurements, 16 for each column by default, and both the time: at
epsilon 3 the defaults had not ended after an hour.
Half of epsilon, but no more than 1/10, finds the ranges of numbers; delta is the same as ours, 1/(n·sqrt(n)).
"""
import json
import sys
import time

import pandas
from snsynth import Synthesizer

table_path, out_path, method = sys.argv[1:4]
epsilon = float(sys.argv[4])
table = pandas.read_csv(table_path)
discrete = [name for name in table.columns if not pandas.api.types.is_numeric_dtype(table[name])]
numeric = [name for name in table.columns if name not in discrete]

bounds = {"max_model_size": float(sys.argv[5])} if len(sys.argv) > 5 else {}
if len(sys.argv) > 6:
    bounds["rounds"] = int(sys.argv[6])
model = Synthesizer.create(method, epsilon=epsilon, delta=len(table) ** -1.5, **bounds)
start, cpu = time.perf_counter(), time.process_time()
model.fit(
    table,
    preprocessor_eps=min(0.1, epsilon / 2),
    categorical_columns=discrete,
    continuous_columns=numeric,
)
times = {"fitMs": 1000 * (time.perf_counter() - start), "cpuMs": 1000 * (time.process_time() - cpu)}
model.sample(len(table)).to_csv(out_path, index=False)
print(json.dumps(times))
