"""Spark in local mode, in ANSI mode; see runner.py."""

import os
import socket
import sys
import tempfile

# The engine writes to standard output, which belongs to the protocol.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
sys.stdout = answers

import pyspark
from pyspark.sql import SparkSession

import runner


def quote(name):
    return "`" + name.replace("`", "``") + "`"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Spark:
    def __init__(self):
        folder = tempfile.mkdtemp(prefix="segc-spark-")
        self.port = free_port()
        settings = {
            "spark.ui.enabled": "false",
            "spark.driver.memory": "2g",
            "spark.sql.shuffle.partitions": "1",
            "spark.default.parallelism": "1",
            "spark.sql.warehouse.dir": folder,
            "spark.sql.ansi.enabled": "true",
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.codegen.wholeStage": "false",
            "spark.sql.adaptive.enabled": "false",
            "spark.log.level": "OFF",
            # Spark Connect, for other clients.
            "spark.plugins": "org.apache.spark.sql.connect.SparkConnectPlugin",
            "spark.connect.grpc.binding.address": "127.0.0.1",
            "spark.connect.grpc.binding.port": str(self.port),
        }
        builder = SparkSession.builder.master("local[1]")
        for name, value in settings.items():
            builder = builder.config(name, value)
        self.session = builder.getOrCreate()
        self.tables = []

    def version(self):
        return pyspark.__version__

    def url(self):
        return f"sc://127.0.0.1:{self.port}"

    def reset(self):
        for table in self.tables:
            self.session.catalog.dropTempView(table)
        self.tables = []

    def execute(self, sql):
        self.session.sql(sql)

    def load(self, table, columns, path):
        schema = ", ".join(f"{quote(column['name'])} {column['sql']}" for column in columns)
        rows = self.session.read.schema(schema).option("mode", "FAILFAST").json(path).cache()
        rows.createOrReplaceTempView(table)
        self.tables.append(table)
        return rows.count()

    def query(self, sql):
        return [tuple(row) for row in self.session.sql(sql).collect()]

    def close(self):
        self.session.stop()


runner.serve(Spark)
