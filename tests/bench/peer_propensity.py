"""LightGBM and shap on the rows that segc has written, as processes of their own. Settings are fixed beforehand: small trees
and small steps, which are right on most data of this kind."""

import json
import os
import sys
import time

import numpy as np
import pandas as pd

SETTINGS = {
    "objective": "binary", "learning_rate": 0.03, "num_leaves": 15, "min_data_in_leaf": 50, "feature_fraction": 0.8, "bagging_fraction": 0.8,
    "bagging_freq": 1, "lambda_l2": 1.0, "seed": 7, "deterministic": True, "force_row_wise": True, "verbose": -1,
}
SYSTEM = ["_id", "cutoff", "test", "label"]
MOST_EXPLAINED = 20_000


def lightgbm(matrix, threads):
    from engines import measured

    output, used = measured([sys.executable, os.path.abspath(__file__), matrix, str(threads)])
    return {**json.loads(output), "memory": used["memory"]}


def quality(label, probability):
    """The measures as segc defines them."""
    from sklearn.metrics import log_loss, roc_auc_score

    order = np.argsort(-probability, kind="stable")
    groups = np.array_split(order, 10)
    error = sum(abs(probability[group].sum() - label[group].sum()) for group in groups) / len(label)
    return {"auc": roc_auc_score(label, probability), "log_loss": log_loss(label, probability), "calibration_error": error, "lift": label[groups[0]].mean() / label.mean()}


def measure(matrix, threads):
    import lightgbm as lgb

    rows = pd.read_parquet(matrix)
    test = rows.test.to_numpy()
    label = rows.label.to_numpy().astype(int)
    columns = rows.drop(columns=SYSTEM)
    texts = [name for name in columns if not pd.api.types.is_numeric_dtype(columns[name])]
    for name in texts:
        known = sorted(columns[name][~test].dropna().unique())
        # What names single things is no category, here as there.
        columns[name] = pd.Categorical(columns[name], categories=known) if len(known) <= 1000 else 0
    columns.columns = [f"c{number}" for number in range(columns.shape[1])]
    train, held = columns[~test], columns[test]
    started = time.process_time()
    dataset = lgb.Dataset(train, label=label[~test])
    booster = lgb.train({**SETTINGS, "num_threads": threads}, dataset, 300)
    trained = time.process_time() - started
    probability = booster.predict(held, num_threads=threads)
    some = held.head(MOST_EXPLAINED)
    started = time.process_time()
    booster.predict(some, pred_contrib=True, num_threads=threads)
    explained = time.process_time() - started
    found = quality(label[test], probability)
    return {**found, "columns": columns.shape[1], "train": trained, "explain_row": explained / len(some), "explained": len(some)}


def bins(model, rows):
    """The bin of each value, absence as NaN: what the trees ask of."""
    columns = []
    for feature in model["features"]:
        values = rows[feature["expression"]]
        encoding = feature["encoding"]
        if encoding is not None:
            def rate(value):
                counts = encoding["absent"] if value is None else encoding["values"].get(value, {"rows": 0, "positives": 0})
                return (counts["positives"] + encoding["rate"] * 10.0) / (counts["rows"] + 10.0)

            values = np.array([rate(None if pd.isna(value) else value) for value in values], np.float32)
        values = np.asarray(values, np.float32)
        numbers = 1.0 + np.searchsorted(np.array(feature["borders"], np.float32), values, side="left")
        columns.append(np.where(np.isnan(values), np.nan, numbers))
    return np.stack(columns, axis=1)


def as_trees(model):
    """The oblivious trees written out node by node, as shap takes them."""
    trees = []
    for tree in model["ensemble"]["trees"]:
        depth, nodes = len(tree["splits"]), {}
        fields = {name: [] for name in ["children_left", "children_right", "children_default", "features", "thresholds", "values", "node_sample_weight"]}

        def add(level, leaf):
            at = len(fields["values"])
            below = [other for other in range(len(tree["values"])) if other & ((1 << level) - 1) == leaf]
            for name in ("children_left", "children_right", "children_default"):
                fields[name].append(-1)
            fields["features"].append(-2)
            fields["thresholds"].append(0.0)
            fields["values"].append([tree["values"][leaf] if level == depth else 0.0])
            fields["node_sample_weight"].append(float(sum(tree["cover"][other] for other in below)))
            if level < depth:
                column, number, absent = tree["splits"][level]
                fields["features"][at], fields["thresholds"][at] = column, number + 0.5
                no, yes = add(level + 1, leaf), add(level + 1, leaf | 1 << level)
                fields["children_left"][at], fields["children_right"][at] = no, yes
                fields["children_default"][at] = yes if absent else no
            return at

        add(0, 0)
        trees.append({name: np.array(values) for name, values in fields.items()})
    return {"trees": trees, "base_offset": model["ensemble"]["bias"], "tree_output": "raw_value", "objective": "binary_crossentropy", "input_dtype": np.float64}


def shap_difference(model, rows, scores):
    """The largest differences of the log odds, of their base, and of the contributions of the strongest factors."""
    import shap

    scores = scores.loc[rows["_id"]]
    explainer = shap.TreeExplainer(as_trees(model), feature_perturbation="tree_path_dependent")
    values = np.asarray(explainer.shap_values(bins(model, rows))).reshape(len(rows), -1)
    base = float(np.ravel(explainer.expected_value)[0])
    factors = {}
    for number, feature in enumerate(model["features"]):
        factors.setdefault(feature["factor"], []).append(number)
    weights = [abs(reason["weight"] - values[row, factors[reason["feature"]]].sum()) for row, reasons in enumerate(scores.factors) for reason in reasons]
    odds = np.log(scores.probability / (1 - scores.probability)).to_numpy()
    return {
        "base": float(np.abs(scores.base - base).max()),
        "sum of all contributions": float(np.abs(scores.contributions.to_numpy() - values.sum(axis=1)).max()),
        f"contributions of factors ({len(weights):,})": float(max(weights)),
        "base and contributions against the probability": float(np.abs(scores.base + scores.contributions - odds).max()),
    }


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
