"""DataFusion, in process, over Parquet files; see runner.py."""

import os
import tempfile

import datafusion
import pyarrow
import pyarrow.parquet
from datafusion import SessionConfig, SessionContext

import runner

SCALARS = {
    "bool": pyarrow.bool_(),
    "int": pyarrow.int64(),
    "float": pyarrow.float64(),
    "string": pyarrow.string(),
    "date": pyarrow.date32(),
}


def arrow_type(holds, sql):
    """The type of what a column holds; instants have a zone, civil times none."""
    of = lambda inner: arrow_type(inner, sql)
    if holds == "timestamp":
        return pyarrow.timestamp("us", "UTC" if "WITH TIME ZONE" in sql else None)
    if isinstance(holds, str):
        return SCALARS[holds]
    if "decimal" in holds:
        return pyarrow.decimal128(*holds["decimal"])
    if "list" in holds:
        return pyarrow.list_(of(holds["list"]))
    if "map" in holds:
        return pyarrow.map_(pyarrow.string(), of(holds["map"]))
    return pyarrow.struct([(name, of(inner)) for name, inner in holds["object"].items()])


def stored(value, ty):
    """A value of JSON as a column of a type takes it."""
    if value is None:
        return None
    if pyarrow.types.is_timestamp(ty) or pyarrow.types.is_date(ty):
        return pyarrow.scalar(value).cast(ty).as_py()
    if pyarrow.types.is_floating(ty):
        return float(value)
    if pyarrow.types.is_decimal(ty):
        return runner.Decimal(value)
    if pyarrow.types.is_map(ty):
        return [(name, stored(inner, ty.item_type)) for name, inner in value.items()]
    if pyarrow.types.is_list(ty):
        return [stored(inner, ty.value_type) for inner in value]
    if pyarrow.types.is_struct(ty):
        return {field.name: stored(value.get(field.name), field.type) for field in ty}
    return value


class DataFusion:
    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="segc-datafusion-")
        self.files = 0
        self.reset()

    def version(self):
        return datafusion.__version__

    def reset(self):
        config = SessionConfig().with_target_partitions(1)
        self.session = SessionContext(config)
        self.execute("SET datafusion.sql_parser.dialect = 'duckdb'")
        self.execute("SET datafusion.execution.time_zone = 'UTC'")
        self.execute("SET datafusion.optimizer.enable_leaf_expression_pushdown = false")

    def execute(self, sql):
        self.session.sql(sql).collect()

    def load(self, table, columns, path):
        schema = pyarrow.schema([(column["name"], arrow_type(column["holds"], column["sql"])) for column in columns])
        rows = list(runner.rows_of(path))
        arrays = [
            pyarrow.array([stored(row.get(field.name), field.type) for row in rows], field.type) for field in schema
        ]
        self.files += 1
        file = os.path.join(self.folder.name, f"{self.files}.parquet")
        pyarrow.parquet.write_table(pyarrow.table(arrays, schema=schema), file)
        self.session.deregister_table(table)
        self.session.register_parquet(table, file)
        return len(rows)

    def query(self, sql):
        return [tuple(row.values()) for batch in self.session.sql(sql).collect() for row in batch.to_pylist()]

    def close(self):
        self.folder.cleanup()


runner.serve(DataFusion)
