"""Trains gradient-boosted trees on a table and tests them on held-out real rows: area under the curve for the target column.

usage: table_utility.py TARGET TEST.csv TRAIN.csv...
"""
import json
import sys

import pandas
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

target, test_path = sys.argv[1:3]
test = pandas.read_csv(test_path)
positive = test[target].value_counts().index[-1]
texts = [name for name in test if test[name].dtype == object and name != target]
for path in sys.argv[3:]:
    train = pandas.read_csv(path)[list(test)]
    encode = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    trees = HistGradientBoostingClassifier(max_iter=100, random_state=0)
    model = make_pipeline(make_column_transformer((encode, texts), remainder="passthrough"), trees)
    train[texts] = train[texts].astype(str)
    held_out = test.drop(columns=target)
    model.fit(train.drop(columns=target), train[target] == positive)
    truth = test[target] == positive
    auc = roc_auc_score(truth, model.predict_proba(held_out)[:, 1])
    balanced = balanced_accuracy_score(truth, model.predict(held_out))
    print(json.dumps({"file": path, "auc": auc, "balancedAccuracy": balanced}), flush=True)
