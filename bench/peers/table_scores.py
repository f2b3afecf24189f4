"""Scores synthetic tables against a real one, one JSON line for each: SDMetrics' quality by both of its rules, and how well
gradient-boosted trees tell the rows apart (area under the curve over three folds; 0.5 is not at all). With the rows that
were learned, also the share of 1,500 synthetic rows that lie nearer to a learned row than to any of as many real ones
(mean over columns of |difference| / range, or of 0 and 1; ties count half; 0.5 is chance).

usage: table_scores.py [--learned LEARNED.csv] REAL.csv SYNTHETIC.csv...
"""
import argparse
import json
import os
import warnings

# Threads that spin while they wait take many times as long where anything else runs.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy
import pandas
from sdmetrics.reports.single_table import QualityReport
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import cross_val_score
from sklearn.preprocessing import OrdinalEncoder

warnings.filterwarnings("ignore")


KINDS = {"O": "categorical", "b": "categorical", "M": "datetime"}


def quality(real, synthetic, all_pairs):
    kinds = {name: KINDS.get(real[name].dtype.kind, "numerical") for name in real}
    report = QualityReport()
    if all_pairs:
        report.real_correlation_threshold = report.real_association_threshold = -1
    report.generate(real, synthetic, {"columns": {name: {"sdtype": kind} for name, kind in kinds.items()}}, verbose=False)
    shapes = report.get_properties().set_index("Property").Score["Column Shapes"]
    return report.get_score(), shapes


def discrimination(real, synthetic):
    rows = pandas.concat([real, synthetic.sample(len(real), replace=len(synthetic) < len(real), random_state=0)])
    labels = numpy.repeat([0, 1], len(real))
    for name in rows.select_dtypes("datetime"):
        rows[name] = numbers(rows[name])
    texts = [name for name in rows if rows[name].dtype == object]
    rows[texts] = OrdinalEncoder().fit_transform(rows[texts].astype(str))
    model = HistGradientBoostingClassifier(max_iter=60, random_state=0)
    return cross_val_score(model, rows, labels, cv=3, scoring="roc_auc").mean()


def read(path):
    """Texts that look like moments become moments."""
    table = pandas.read_csv(path)
    for name in table:
        if table[name].dtype == object and table[name].dropna().str.match(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d").all():
            table[name] = pandas.to_datetime(table[name])
    return table


def nearest(rows, others, learned):
    """Distance of each row to its nearest of the others."""
    total = numpy.zeros((len(rows), len(others)))
    for name in rows:
        if rows[name].dtype == object:
            codes = {value: i for i, value in enumerate(pandas.concat([rows[name], others[name]]).unique())}
            a, b = rows[name].map(codes).to_numpy(), others[name].map(codes).to_numpy()
            total += a[:, None] != b[None, :]
        else:
            # In nanoseconds, where they are moments.
            a, b, seen = (numbers(table[name]) for table in (rows, others, learned))
            span = (numpy.nanmax(seen) - numpy.nanmin(seen)) or 1
            apart = numpy.minimum(numpy.abs(a[:, None] - b[None, :]) / span, 1)
            total += numpy.where(numpy.isnan(apart), numpy.isnan(a)[:, None] != numpy.isnan(b)[None, :], apart)
    return total.min(axis=1)


def numbers(column):
    return column.astype("int64").where(column.notna()).to_numpy(float) if column.dtype.kind == "M" else column.to_numpy(float)


def nearest_share(learned, real, synthetic):
    rows = synthetic.sample(min(len(synthetic), 1500), random_state=0)
    count = min(len(learned), len(real))
    to_learned = nearest(rows, learned.sample(count, random_state=0), learned)
    to_real = nearest(rows, real.sample(count, random_state=0), learned)
    return float(numpy.mean(to_learned < to_real) + numpy.mean(to_learned == to_real) / 2)


arguments = argparse.ArgumentParser()
arguments.add_argument("--learned")
arguments.add_argument("real")
arguments.add_argument("synthetic", nargs="+")
arguments = arguments.parse_args()
real = read(arguments.real)
for path in arguments.synthetic:
    synthetic = read(path)[list(real)]
    strong, shapes = quality(real, synthetic, all_pairs=False)
    every, _ = quality(real, synthetic, all_pairs=True)
    scores = {"file": path, "strongPairs": strong, "allPairs": every, "shapes": shapes, "auc": discrimination(real, synthetic)}
    if arguments.learned is not None:
        scores["nearestShare"] = nearest_share(read(arguments.learned), real, synthetic)
    print(json.dumps(scores), flush=True)
