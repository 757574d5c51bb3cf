"""The engines that run formulas: DuckDB in this process, or Spark by its address.

An engine is three calls: register a table, list its columns, run SQL. Values become fixed-point
on the way in, so that sums come out the same to the last bit whatever the engine and its threads.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any, Protocol

import numpy as np
import pandas as pd

from kpilib.errors import KpiError

# digits in all and behind the point; whole numbers have none behind it
_FIXED = {"yuan": (18, 2), "rate": (9, 6), "seconds": (18, 6), "hours": (18, 6)}
_LARGEST = 2**53  # a double above it has lost its last digits
_SLOW = 60.0  # seconds until a query is stopped
_MANY = 1_000_000  # rows from which more threads pay


class Engine(Protocol):
    """What a reading needs of an engine."""

    dialect: str

    def register(self, name: str, frame: pd.DataFrame, kinds: Mapping[str, str]) -> None:
        """Take a table in under a name, each column as its kind says."""

    def columns(self, name: str) -> tuple[str, ...]:
        """List the columns of a registered table."""

    def run(self, sql: str, parameters: Mapping[str, object]) -> pd.DataFrame:
        """Run one SELECT; ``parameters`` are the named ones that the text uses."""


class DuckDB:
    """DuckDB in this process, without access to files or network.

    Parameters
    ----------
    limit : float
        Seconds after which a query is interrupted.
    threads : int, optional
        By default as many as there are processors.
    """

    dialect = "duckdb"

    def __init__(self, limit: float = _SLOW, threads: int | None = None) -> None:
        import duckdb

        self._limit = limit
        self._views: dict[str, str] = {}
        self._fault = duckdb.Error
        config: dict[str, Any] = {
            "enable_external_access": "false",
            "lock_configuration": "true",
        }
        if threads is not None:
            config["threads"] = threads
        self._connection = duckdb.connect(":memory:", config=config)

    def register(self, name: str, frame: pd.DataFrame, kinds: Mapping[str, str]) -> None:
        """Take a table in under a name, each column as its kind says.

        Parameters
        ----------
        name : str
            Name in later queries; a table of that name is replaced.
        frame : DataFrame
            Must hold the columns of ``kinds``; not changed, and not copied where it need not be.
        kinds : mapping of str to str
            Column to kind: count, yuan, rate, seconds, hours, flag, text, id, time, day.

        Raises
        ------
        KpiError
            If a value does not fit its kind.
        """
        self._connection.register(f"{name} as read", exact(frame, kinds, name))
        columns = ", ".join(_typed(column, kind, '"') for column, kind in kinds.items())
        view = f'CREATE OR REPLACE TEMP VIEW "{name}" AS SELECT {columns} FROM "{name} as read"'
        if self._views.get(name) != view:  # a view of the same columns serves the next month too
            self._execute(view)
            self._views[name] = view

    def columns(self, name: str) -> tuple[str, ...]:
        """List the columns of a registered table."""
        return tuple(c[0] for c in self._execute(f'SELECT * FROM "{name}" LIMIT 0').description)

    def run(self, sql: str, parameters: Mapping[str, object]) -> pd.DataFrame:
        """Run one SELECT within the time limit.

        Raises
        ------
        KpiError
            If the engine refuses the query or takes too long.
        """
        timer = threading.Timer(self._limit, self._connection.interrupt)
        timer.start()
        try:
            result: pd.DataFrame = self._execute(sql, dict(parameters)).df()
        finally:
            timer.cancel()
        return result

    def _execute(self, sql: str, parameters: dict[str, object] | None = None) -> Any:  # noqa: ANN401
        try:
            return self._connection.execute(sql, parameters or None)
        except self._fault as error:
            raise _stopped("DuckDB", error) from error


class Spark:
    """Apache Spark through Spark Connect; no Java on this side.

    Parameters
    ----------
    address : str
        ``sc://host:port``.
    """

    dialect = "spark"

    def __init__(self, address: str) -> None:
        try:
            faults, sql = import_module("pyspark.errors"), import_module("pyspark.sql")
        except ImportError as error:
            raise KpiError(
                f"engine {address!r}",
                "pyspark-client is not installed.",
                "install kpilib[spark], or leave the engine out for DuckDB.",
            ) from error
        self._fault = faults.PySparkException
        self._session = sql.SparkSession.builder.remote(address).getOrCreate()
        self._session.conf.set("spark.sql.session.timeZone", "UTC")  # times are naive and stay so

    def register(self, name: str, frame: pd.DataFrame, kinds: Mapping[str, str]) -> None:
        """Take a table in under a name, each column as its kind says."""
        columns = [_typed(column, kind, "`") for column, kind in kinds.items()]
        read = self._session.createDataFrame(exact(frame, kinds, name))
        read.selectExpr(*columns).createOrReplaceTempView(name)

    def columns(self, name: str) -> tuple[str, ...]:
        """List the columns of a registered table."""
        return tuple(self._session.table(name).columns)

    def run(self, sql: str, parameters: Mapping[str, object]) -> pd.DataFrame:
        """Run one SELECT."""
        try:
            result: pd.DataFrame = self._session.sql(sql, args=dict(parameters)).toPandas()
        except self._fault as error:
            raise _stopped("Spark", error) from error
        return result


def _stopped(engine: str, error: Exception) -> KpiError:
    problem = str(error).splitlines()[0].rstrip(".!")
    return KpiError(
        "engine",
        f"{engine} stopped: {problem}.",
        "check the formulas of the catalogue and the sizes of the values.",
    )


def open_engine(address: str | None = None, *, rows: int = 0) -> Engine:
    """Return the engine at an address.

    Parameters
    ----------
    address : str, optional
        None or ``duckdb``: DuckDB, one connection for the process. ``sc://host:port``: Apache
        Spark through Spark Connect.
    rows : int
        Rows of the largest table. Below a million one thread is quicker: it waits for no other,
        and pages are made by several processes at once.

    Raises
    ------
    KpiError
        If there is no such engine, or what it needs is not installed.
    """
    if address in (None, "duckdb"):
        return _own(os.getpid(), 1 if rows < _MANY else None)
    if address is not None and address.startswith("sc://"):
        return Spark(address)
    raise KpiError(
        f"engine {address!r}",
        "there is no such engine.",
        "leave it out for DuckDB, or give Spark's address as sc://host:15002.",
    )


@cache
def _own(process: int, threads: int | None) -> DuckDB:
    """Open DuckDB once in a process; a connection does not survive a fork."""
    assert process == os.getpid()
    return DuckDB(threads=threads)


def exact(frame: pd.DataFrame, kinds: Mapping[str, str], name: str) -> pd.DataFrame:
    """Return the columns of ``kinds`` as whole numbers, texts and times, without rounding later.

    A double cast to a decimal by an engine rounds ties as that engine likes. Here a value becomes
    the nearest whole number of its smallest parts (fen, millionths), which every engine then
    takes as it is.

    Parameters
    ----------
    frame : DataFrame
        A table, or its part.
    kinds : mapping of str to str
        Column to kind.
    name : str
        Name of the table in an error.

    Returns
    -------
    DataFrame
        Same rows; NaN, NaT and None have become NULL.

    Raises
    ------
    KpiError
        If a value is infinite, too large, or not whole where it is counted.
    """
    return pd.DataFrame(
        {c: _exact(frame[c], kind, f"table {name}, column {c!r}") for c, kind in kinds.items()},
        copy=False,
    )


def _exact(column: pd.Series, kind: str, where: str) -> Any:  # noqa: ANN401 - an array of any kind
    if kind in ("text", "id"):
        return column.astype(object).where(column.notna(), None).to_numpy()
    if kind in ("time", "day"):
        return column.to_numpy(dtype="datetime64[us]")
    if kind == "key":
        return column.to_numpy(dtype=np.int64)
    values = column.to_numpy(dtype=float, na_value=np.nan)
    unknown = np.isnan(values)
    places = _FIXED[kind][1] if kind in _FIXED else 0
    scaled = np.where(unknown, 0.0, values * 10.0**places)
    whole = np.rint(scaled)
    if not np.all(np.abs(whole) < _LARGEST):
        raise KpiError(where, "a value is too large to be kept exactly.", "check the export.")
    if kind in ("count", "flag") and (odd := scaled[whole != scaled]).size:
        raise KpiError(where, f"holds {odd[0]:g}, and counts are whole.", "check the export.")
    return pd.arrays.IntegerArray(whole.astype(np.int64), unknown)


def _typed(column: str, kind: str, quote: str) -> str:
    """Write the column with its type: an exact multiplication, never a rounding cast."""
    name = f"{quote}{column}{quote}"
    if kind not in _FIXED:
        return name
    width, places = _FIXED[kind]
    part = f"0.{'0' * (places - 1)}1"
    return f"CAST(CAST({name} AS DECIMAL(18, 0)) * {part} AS DECIMAL({width}, {places})) AS {name}"
