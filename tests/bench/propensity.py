"""Trains, scores and explains propensity models, and sets LightGBM and shap beside them on the same rows in the same run.

The rows are those that `segc propensity train --matrix` writes, so that trainers are compared on equal features and
cut-offs. Every project is declared as a user would, and nothing is tuned. `--data` names a folder with the two public data
sets, `online_retail/online_retail.parquet` (UCI 352) and `oulad_events/` (OULAD as an event log, with the attributes of
students, the totals before the course, and the courses as CSV); without it only made data is measured."""

import argparse
import json
import os
import sys

import numpy as np
import pandas as pd

import data
import peer_propensity as peer
from engines import best, measured

HERE = os.path.dirname(os.path.abspath(__file__))
# The trees that a declaration without `trees` asks for.
TREES = 150

RETAIL = """
event purchase = activity where Quantity > 0
event refund = activity where Quantity < 0
let revenue(window: duration) = sum(UnitPrice * Quantity of purchase in last window)
let orders(window: duration) = count(distinct InvoiceNo of purchase in last window)

propensity model {
    predict any(purchase in next 30 days)
    for     any(purchase)
    using   purchase, refund, revenue, orders
    deny    StockCode, InvoiceNo
    cutoffs every 30 days over last 300 days
    trees   TREES
}
"""

OULAD = """
let start    = if code_presentation == "2013B" then 2013-02-01 else if code_presentation == "2013J" then 2013-10-01
               else if code_presentation == "2014B" then 2014-02-01 else 2014-10-01
let length   = presentation.module_presentation_length
let finish   = days_between(start, today) - length
let clicks   = before.pre_course_clicks
let browsing = before.pre_course_interaction_rows

propensity model {
    predict any(unregistered in next 28 days)
    for     any(registered) and none(unregistered) and start <= today and finish < 0
    using   submitted, registered, start, finish, length, clicks, browsing
    static  code_module, code_presentation, presentation, before, gender, region, disability, highest_education_cd,
            imd_band_cd, age_band_cd, num_of_prev_attempts, studied_credits
    deny    id_student, code_presentation, presentation, before
    cutoffs every 28 days over last 700 days
    trees   TREES
}
"""

MADE = """
propensity model {
    predict any(purchase in next 30 days)
    for     true
    using   purchase, add_to_cart
    static  country, loyalty_tier
    deny    page_url, campaign
    cutoffs every 30 days over last 60 days
    trees   TREES
}
"""


FEW = """
propensity model {
    predict any(purchase in next 30 days)
    for     true
    using   purchase
    static  loyalty_tier
    deny    page_url, campaign, price, quantity, product_category
    cutoffs every 30 days over last 60 days
    trees   TREES
}
"""


def string(*names):
    return {name: {"type": "string"} for name in names}


def integer(*names):
    return {name: {"type": "integer"} for name in names}


def schema(profile, event, types):
    event = {"timestamp": {"type": "string", "format": "date-time"}, "eventType": {"type": "string"}, **event}
    return {"classes": {"profile": {"properties": {**string("_id"), **profile}}, "event": {"properties": event, "required": ["timestamp"]}},
            "eventTypes": {name: {} for name in types}}


class Project:
    """A folder with a declaration over data files, and what segc makes of it."""

    def __init__(self, arguments, name, declaration, now, settings, described=None):
        self.binary, self.threads, self.now = arguments.binary, str(arguments.threads), now
        self.name, self.declaration = name, declaration
        self.folder = os.path.join(arguments.work, name)
        os.makedirs(self.folder, exist_ok=True)
        self.write("seg.toml", 'schema = "schema.json"\nsources = "*.seg"\n[time]\nzone = "UTC"\n' + settings)
        if described:
            self.write("schema.json", json.dumps(described))
        self.trees(TREES)

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w") as out:
            out.write(text)

    def trees(self, count):
        self.write("model.seg", 'schema "schema.json"\n' + self.declaration.replace("TREES", str(count)))

    def segc(self, command, *more, now=None):
        return measured([self.binary, "propensity", command, "model", self.folder, "--now", now or self.now, "--threads", self.threads, *more])[1]

    def model(self):
        with open(os.path.join(self.folder, "propensity/model.json")) as text:
            return json.load(text)

    def scores(self):
        return pd.read_parquet(os.path.join(self.folder, "propensity/model.scores.parquet"))

    def matrix(self):
        return os.path.join(self.folder, "matrix.parquet")


def retail(arguments):
    source = os.path.abspath(os.path.join(arguments.data, "online_retail/online_retail.parquet"))
    settings = f'[profiles]\nfrom_events = true\n[events]\nfiles = "{source}"\nprofile = "CustomerID"\ntimestamp = "InvoiceDate"\ntype = {{ value = "activity" }}\nzone = "UTC"\n'
    described = schema({}, {**string("InvoiceNo", "StockCode", "Description", "Country"), **integer("Quantity"), "UnitPrice": {"type": "number", "meta:scale": 2}}, ["activity"])
    return Project(arguments, "retail", RETAIL, "2011-12-09T12:00:00Z", settings, described)


def oulad(arguments):
    """The id of a student in a course is made of three columns; the length of the course and what the student did before it
    are in files of their own."""
    source = os.path.abspath(os.path.join(arguments.data, "oulad_events"))
    key = '{ join = ["code_module", "code_presentation", "id_student"], with = "|" }'
    course = '{ join = ["code_module", "code_presentation"], with = "|" }'
    settings = f'''[profiles]
files = "{source}/student_info.csv.gz"
id = {key}
columns = {{ before = {key}, presentation = {course} }}
[events]
files = "{source}/events.parquet"
profile = {key}
timestamp = "ts"
type = "event"
zone = "UTC"
[classes.before]
files = "{source}/vle_pre_course.csv.gz"
key = {key}
[classes.presentation]
files = "{source}/courses.csv"
key = {course}
'''
    profile = {
        **string("code_module", "code_presentation", "gender", "region", "disability", "final_result", "age_band_cd"),
        **integer("id_student", "num_of_prev_attempts", "studied_credits", "imd_band_cd", "highest_education_cd"),
        "before": {"type": "string", "meta:relationship": "before"}, "presentation": {"type": "string", "meta:relationship": "presentation"},
    }
    event = {**string("code_module", "code_presentation", "assessment_type"), **integer("id_student", "score", "days_late"), "weight": {"type": "number", "meta:scale": 2}}
    described = schema(profile, event, ["registered", "submitted", "unregistered"])
    described["classes"]["before"] = {"properties": {**string("_id"), **integer("pre_course_clicks", "pre_course_interaction_rows")}}
    described["classes"]["presentation"] = {"properties": {**string("_id"), **integer("module_presentation_length")}}
    return Project(arguments, "oulad", OULAD, "2014-11-29T12:00:00Z", settings, described)


def few(arguments):
    """The made data with a quarter of the columns, out of a store."""
    project = made(arguments, FEW, "few")
    with open(os.path.join(project.folder, "seg.toml")) as settings:
        settings = settings.read()
    project.write("seg.toml", 'store = "store"\n' + settings)
    if not os.path.isdir(os.path.join(project.folder, "store")):
        measured([project.binary, "ingest", project.folder, "--memory", "2GiB"])
    return project


def made(arguments, declaration=MADE, name="model"):
    folder = os.path.join(arguments.work, f"made-{arguments.profiles}")
    data.make(arguments.profiles, folder)
    with open(os.path.join(HERE, "segments/seg.toml")) as settings:
        settings = settings.read().split("sources = \"*.seg\"")[1].replace('"data/', f'"{os.path.abspath(folder)}/')
    project = Project(arguments, f"made-{arguments.profiles}-{name}", declaration, "2025-07-01T00:00:00Z", settings)
    with open(os.path.join(HERE, "segments/schema.json")) as described:
        project.write("schema.json", described.read())
    return project


def stages(project, repeat):
    """CPU seconds of reading and deriving (a training of one tree), of growing the other trees, and of scoring, explaining
    and writing; the largest peak of memory."""
    project.trees(1)
    derive = best(repeat, lambda: project.segc("train"))
    project.trees(TREES)
    train = best(repeat, lambda: project.segc("train"))
    score = best(repeat, lambda: project.segc("score"))
    return derive["cpu"], train["cpu"] - derive["cpu"], score["cpu"], max(train["memory"], score["memory"])


def compared(project, arguments):
    """A table of a project beside LightGBM on the same rows."""
    # The rows do not depend on the number of trees.
    project.trees(1)
    project.segc("train", "--matrix", project.matrix())
    derive, train, score, memory = stages(project, arguments.repeat)
    model, profiles = project.model(), int(project.scores().probability.notna().sum())
    quality = model["quality"]
    theirs = peer.lightgbm(project.matrix(), arguments.threads)
    print(f"\n{project.name}: {model['data']['rows']:,} rows to learn from, {quality['rows']:,} to measure on, {theirs['columns']} columns, {profiles:,} profiles scored")
    print(f"  {'':<34}{'segc':>10}{'LightGBM':>10}")
    for name, key in [("AUC", "auc"), ("log loss", "log_loss"), ("calibration error, ten groups", "calibration_error"), ("lift of the best tenth", "lift")]:
        print(f"  {name:<34}{quality[key]:>10.4f}{theirs[key]:>10.4f}")
    print(f"  {'read and derive, CPU s':<34}{derive:>10.2f}")
    print(f"  {f'{TREES} trees, CPU s (theirs: 300)':<34}{train:>10.2f}{theirs['train']:>10.2f}")
    print(f"  {'score, explain, write, CPU s':<34}{score:>10.2f}{theirs['explain_row'] * profiles:>10.2f}  (theirs: contributions alone, from {theirs['explained']:,} rows)")
    print(f"  {'peak memory, MiB':<34}{memory / 2**20:>10.0f}{theirs['memory'] / 2**20:>10.0f}", flush=True)


def explanations(project, repeat):
    """Microseconds that the trees take of a row, by their number: to be scored and explained exactly, apart from what a row
    takes to be read, derived and written. One model, of which only the first trees are left: what it asks for stays the same."""
    project.trees(300)
    project.segc("train")
    model = project.model()
    rows, costs = 0, {}
    for count in (1, 100, 200, 300):
        ensemble = {**model["ensemble"], "trees": model["ensemble"]["trees"][:count]}
        project.write("some.json", json.dumps({**model, "ensemble": ensemble}))
        some = os.path.join(project.folder, "some.json")
        costs[count] = best(repeat, lambda: project.segc("score", "--model", some))["cpu"]
        rows = int(project.scores().probability.notna().sum())
    print(f"\nscored and explained exactly, {project.name}, {rows:,} rows, {len(model['features'])} features: CPU µs per row")
    alone = costs.pop(1)
    print(f"  read, derived and written, with 1 tree: {alone / rows * 1e6:.2f}")
    for count, cost in costs.items():
        print(f"  {count} trees by themselves: {(cost - alone) / rows * 1e6:.2f}", flush=True)


def equal_to_shap(project, rows):
    """The largest difference between what segc and the shap package say of the same rows and model."""
    project.trees(50)
    project.segc("train", "--matrix", project.matrix())
    model = project.model()
    test = pd.read_parquet(project.matrix(), filters=[("test", "==", True)])
    # The rows of a cut-off are as they were a microsecond before it.
    before = (test.cutoff.iloc[0] - pd.Timedelta(microseconds=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    project.segc("score", now=before)
    worst = peer.shap_difference(model, test.head(rows), project.scores().set_index("_id"))
    print(f"\nshap (TreeExplainer, path-dependent) on {min(rows, len(test)):,} rows of {project.name}, 50 trees:")
    for name, value in worst.items():
        print(f"  {name:<48}{value:.2e}")
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--data", help="the folder of the public data sets")
    parser.add_argument("--profiles", type=int, default=100_000, help="profiles of the made data")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=2, help="runs, of which the one with the least CPU time counts")
    parser.add_argument("--only", default="retail,oulad,made,explanations,shap", help="which tables; `few` too: made data with a quarter of the columns")
    arguments = parser.parse_args()
    arguments.work = os.path.abspath(arguments.work)
    only = arguments.only.split(",")
    projects = {"retail": retail, "oulad": oulad} if arguments.data else {}
    for name, project in {**projects, "made": made, "few": few}.items():
        if name in only:
            compared(project(arguments), arguments)
    smallest = retail(arguments) if arguments.data else made(arguments)
    if "explanations" in only:
        explanations(made(arguments), arguments.repeat)
    if "shap" in only:
        equal_to_shap(smallest, 1000)


if __name__ == "__main__":
    main()
