"""Scores synthetic tables against a real one, one JSON line for each: SDMetrics' quality by both of its rules, and how well
gradient-boosted trees tell the rows apart (area under the curve over three folds; 0.5 is not at all).

usage: table_scores.py REAL.csv SYNTHETIC.csv...
"""
import json
import os
import sys
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


def quality(real, synthetic, all_pairs):
    kinds = {name: "categorical" if real[name].dtype in (object, bool) else "numerical" for name in real}
    report = QualityReport()
    if all_pairs:
        report.real_correlation_threshold = report.real_association_threshold = -1
    report.generate(real, synthetic, {"columns": {name: {"sdtype": kind} for name, kind in kinds.items()}}, verbose=False)
    shapes = report.get_properties().set_index("Property").Score["Column Shapes"]
    return report.get_score(), shapes


def discrimination(real, synthetic):
    rows = pandas.concat([real, synthetic.sample(len(real), replace=len(synthetic) < len(real), random_state=0)])
    labels = numpy.repeat([0, 1], len(real))
    texts = [name for name in rows if rows[name].dtype == object]
    rows[texts] = OrdinalEncoder().fit_transform(rows[texts].astype(str))
    model = HistGradientBoostingClassifier(max_iter=60, random_state=0)
    return cross_val_score(model, rows, labels, cv=3, scoring="roc_auc").mean()


real = pandas.read_csv(sys.argv[1])
for path in sys.argv[2:]:
    synthetic = pandas.read_csv(path)[list(real)]
    strong, shapes = quality(real, synthetic, all_pairs=False)
    every, _ = quality(real, synthetic, all_pairs=True)
    print(
        json.dumps(
            {"file": path, "strongPairs": strong, "allPairs": every, "shapes": shapes, "auc": discrimination(real, synthetic)}
        ),
        flush=True,
    )
