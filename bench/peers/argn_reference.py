"""Trains MOSTLY AI's tabular network (package mostlyai-engine, its defaults) on a CSV table and writes as many synthetic rows;
prints its times as JSON.

usage: argn_reference.py TABLE.csv OUT.csv ROWS
"""
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import pandas
from mostlyai import engine

table_path, out_path, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
with tempfile.TemporaryDirectory() as folder:
    workspace = Path(folder)
    table = pandas.read_csv(table_path)
    start, start_cpu = time.perf_counter(), time.process_time()
    engine.split(tgt_data=table, workspace_dir=workspace, model_type="TABULAR")
    engine.analyze(workspace_dir=workspace)
    engine.encode(workspace_dir=workspace)
    engine.train(workspace_dir=workspace)
    engine.generate(workspace_dir=workspace, sample_size=rows)
    end = time.perf_counter()
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    pandas.read_parquet(workspace / "SyntheticData")[list(table)].to_csv(out_path, index=False)
cost = {
    "wall": end - start,
    "cpu": time.process_time() - start_cpu + children.ru_utime + children.ru_stime,
    "peakMebibytes": round(max(own.ru_maxrss, children.ru_maxrss) / 1024),
}
print(json.dumps(cost))
