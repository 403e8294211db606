"""Writes models of LightGBM and XGBoost with rows and what their makers say of them: margins and exact contributions.

The suite's fixtures are made by it (`foreign_models.py tests/suite/propensity/foreign`), and so are fresh ones to compare
with (`foreign_models.py FOLDER --seed 5 --rows 1000 --trees 60`, then `SEGC_FOREIGN_MODELS=FOLDER cargo test foreign`).
Needs lightgbm, xgboost, pandas and shap.
"""

import argparse
import json
import pathlib

import lightgbm
import numpy
import pandas
import shap
import xgboost

COLUMNS = ["orders", "spent", "city", "visits"]


def world(seed, rows):
    draw = numpy.random.default_rng(seed)
    frame = pandas.DataFrame({
        "orders": draw.poisson(3, rows).astype(float),
        "spent": numpy.round(draw.gamma(2, 60, rows), 2),
        "city": pandas.Categorical(draw.choice(["Oslo", "Bergen", "Lund", "Rome", "Split"], rows)),
        "visits": draw.poisson(2, rows).astype(float),
    })
    frame.loc[draw.random(rows) < 0.3, "spent"] = numpy.nan
    frame.loc[draw.random(rows) < 0.1, "city"] = None
    odds = 0.4 * frame.orders - 2 + (frame.city == "Oslo") * 1.5 + frame.spent.isna() * 0.8
    return frame, (draw.random(rows) < 1 / (1 + numpy.exp(-odds))).astype(int)


def lightgbm_models(frame, outcomes, trees, seed):
    base = dict(objective="binary", num_leaves=9, learning_rate=0.2, min_data_in_leaf=10, min_data_per_group=5,
                cat_smooth=1, max_cat_to_onehot=1, verbose=-1, seed=seed, deterministic=True, num_threads=1)
    kinds = {
        "plain": {}, "zero": dict(zero_as_missing=True), "unmissing": dict(use_missing=False),
        "dart": dict(boosting="dart", drop_rate=0.5), "slope": dict(sigmoid=0.7),
    }
    for name, more in kinds.items():
        model = lightgbm.train({**base, **more}, lightgbm.Dataset(frame, label=outcomes), trees)
        yield name, model.model_to_string(), lambda rows, m=model: (
            m.predict(rows, raw_score=True), m.predict(rows, pred_contrib=True), m.predict(rows))


def xgboost_models(frame, outcomes, trees, seed):
    frame = frame.drop(columns="city")
    for name, more in {"plain": {}, "pruned": dict(gamma=3.0)}.items():
        settings = dict(objective="binary:logistic", max_depth=4, eta=0.3, seed=seed, nthread=1, **more)
        model = xgboost.train(settings, xgboost.DMatrix(frame, label=outcomes), trees)
        text = bytes(model.save_raw("json")).decode()

        def judge(rows, m=model):
            data = xgboost.DMatrix(rows.drop(columns="city"))
            explained = shap.TreeExplainer(m).shap_values(rows.drop(columns="city"))
            margins = m.predict(data, output_margin=True)
            base = m.predict(data, pred_contribs=True)[:, -1:]
            own = m.predict(data, pred_contribs=True)
            assert numpy.abs(explained - own[:, :-1]).max() < 1e-4
            return margins, numpy.hstack([own[:, :-1], base]), m.predict(data)

        yield name, text, judge


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--rows", type=int, default=25)
    parser.add_argument("--trees", type=int, default=4)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    frame, outcomes = world(args.seed, 600)
    rows, _ = world(args.seed + 1, args.rows)
    rows.loc[0, "orders"] = 0.0
    rows["city"] = pandas.Categorical(rows.city, categories=frame.city.cat.categories)
    for maker, models, ending in (("lightgbm", lightgbm_models, "txt"), ("xgboost", xgboost_models, "json")):
        for name, text, judge in models(frame, outcomes, args.trees, args.seed):
            margins, contributions, probabilities = judge(rows)
            columns = COLUMNS if maker == "lightgbm" else [c for c in COLUMNS if c != "city"]
            held = rows[columns].copy()
            if "city" in columns:
                held["city"] = held.city.cat.codes.where(held.city.cat.codes >= 0)
            values = held.astype(float).to_numpy()
            cells = [[None if numpy.isnan(v) else v for v in row] for row in values.tolist()]
            said = dict(rows=cells, margins=numpy.asarray(margins, float).tolist(),
                        contributions=numpy.asarray(contributions, float).tolist(),
                        probabilities=numpy.asarray(probabilities, float).tolist())
            (args.folder / f"{maker}_{name}.{ending}").write_text(text)
            (args.folder / f"{maker}_{name}.said.json").write_text(json.dumps(said))


main()
