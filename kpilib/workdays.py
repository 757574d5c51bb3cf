"""Which days are worked: the calendar as data, and terms counted in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from kpilib.errors import KpiError
from kpilib.yamlfile import read_mapping

SHIPPED = Path(__file__).with_name("workdays.yaml")
OWN = "workdays.yaml"  # in a team's folder


class _Year(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    holidays: tuple[date, ...] = ()
    worked: tuple[date, ...] = ()


class _Years(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    years: dict[int, _Year]

    @model_validator(mode="after")
    def _days_are_of_their_year(self) -> Self:
        for year, days in self.years.items():
            strange = [day for day in (*days.holidays, *days.worked) if day.year != year]
            if strange:
                raise ValueError(f"{strange[0]} stands under {year}")
            both = sorted(set(days.holidays) & set(days.worked))
            if both:
                raise ValueError(f"{both[0]} is a holiday and worked")
        return self


@dataclass(frozen=True)
class Workdays:
    """Days off and days worked, by year; Saturdays and Sundays are off unless worked."""

    years: Mapping[int, _Year]
    name: str

    def is_worked(self, day: date) -> bool:
        """Tell whether a day is worked.

        Raises
        ------
        KpiError
            If the calendar does not have that year.
        """
        year = self.years.get(day.year)
        if year is None:
            raise KpiError(
                self.name,
                f"it has no days of {day.year}, and a term reaches {day}.",
                f"add {day.year} to a {OWN} in the team's folder, as `kpilib/{OWN}` has years.",
            )
        return day in year.worked or (day.weekday() < 5 and day not in year.holidays)

    def after(self, day: date, days: int) -> date:
        """Return the last day of a term: so many worked days after ``day``, which does not count.

        >>> str(read_workdays().after(date(2025, 4, 30), 3))
        '2025-05-08'
        """
        while days > 0:
            day += timedelta(days=1)
            days -= self.is_worked(day)
        return day


def read_workdays(data: str | Path | None = None) -> Workdays:
    """Read the calendar: the team's own, if its folder has one, else the shipped one.

    Raises
    ------
    KpiError
        If the file is no calendar.
    """
    own = Path(data) / OWN if data is not None else SHIPPED
    path = own if own.is_file() else SHIPPED
    content: dict[str, Any] = read_mapping(path)
    try:
        years = _Years.model_validate(content).years
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "file"
        text = first["msg"].removeprefix("Value error, ")
        raise KpiError(
            f"{path.name}, {place}", f"{text}.", "list days as 2025-01-01 under holidays or worked."
        ) from error
    return Workdays(years, path.name)
