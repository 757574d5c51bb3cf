"""The Excel formulas that redo every total, grade and pay from readings' points and weights.

Rows are matched by person and role (``EXACT``, so that no id is taken for a wildcard or a
comparison), never by their place: any sheet may be sorted or filtered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openpyxl.utils import get_column_letter

FIRST = 4  # row of the first line of data; title, note and header stand above


def quoted(text: str) -> str:
    """Write a text inside a formula: in quotes, its own quotes doubled."""
    return '"' + text.replace('"', '""') + '"'


@dataclass(frozen=True)
class Place:
    """Where the columns of a sheet stand.

    Parameters
    ----------
    title : str
        Name of the sheet.
    keys : sequence of str
        Columns from the left.
    rows : int
        Lines of data.
    """

    title: str
    keys: Sequence[str]
    rows: int

    @property
    def last(self) -> int:
        """Row of the last line of data; the first where there is none."""
        return FIRST + max(self.rows, 1) - 1

    def letter(self, key: str) -> str:
        """Return the letter of a column."""
        return str(get_column_letter(self.keys.index(key) + 1))

    def all(self, key: str) -> str:
        """Return a whole column, as seen from any sheet."""
        letter = self.letter(key)
        return f"'{self.title}'!${letter}${FIRST}:${letter}${self.last}"

    def here(self, key: str, row: int) -> str:
        """Return a cell of the same line, as seen from the sheet itself."""
        return f"${self.letter(key)}{row}"

    def cell(self, key: str, line: int) -> str:
        """Return the cell of a line (from 0), as seen from any sheet."""
        return f"'{self.title}'!${self.letter(key)}${FIRST + line}"


@dataclass(frozen=True)
class Words:
    """Words of statuses, as they stand in the cells."""

    ok: str
    unknown: str


@dataclass(frozen=True)
class Book:
    """Places of the sheets that compute, and the rules that they follow.

    Parameters
    ----------
    people, roles, points, indicators : Place
        The sheets.
    words : Words
        Statuses in the language of the workbook.
    refuse : bool
        A reading that is not known makes the total unknown.
    floor : float, optional
        Totals are geometric, and points below this count as it.
    """

    people: Place
    roles: Place
    points: Place
    indicators: Place
    words: Words
    refuse: bool
    floor: float | None = None

    def weight(self, row: int) -> str:
        """Return a line's weight: that of its role and indicator in the scheme."""
        mine, rules = self.points, self.indicators
        same = _both(rules, mine, ("role", "indicator"), row)
        return f"SUMPRODUCT({same},{rules.all('weight')})"

    def counted(self, row: int) -> str:
        """Return the sum of the weights that apply to a person in a role."""
        same = _both(self.points, self.roles, ("person", "role"), row)
        return f"SUMPRODUCT({same}*({self._applies_to_all()}),{self.points.all('weight')})"

    def applied(self, row: int) -> str:
        """Return a line's weight as a share of the weights that apply."""
        mine = self.points
        status, weight = mine.here("status", row), mine.here("weight", row)
        same = _both(self.roles, mine, ("person", "role"), row)
        whole = f"SUMPRODUCT({same},{self.roles.all('counted')})"
        statuses = [f"EXACT({status},{quoted(self.words.ok)})"]
        if self.refuse:
            statuses.append(f"EXACT({status},{quoted(self.words.unknown)})")
        return f'IF(AND(OR({",".join(statuses)}),{whole}>0),{weight}/{whole},"")'

    def contribution(self, row: int) -> str:
        """Return what a line brings into the total."""
        points, applied = self.points.here("points", row), self.points.here("applied", row)
        return f'IF(AND(ISNUMBER({points}),ISNUMBER({applied})),{points}*{applied},"")'

    def role_total(self, row: int) -> str:
        """Return the total of a person in a role: points by weight, over the weights that apply."""
        mine, points = self.roles, self.points
        same = _both(points, mine, ("person", "role"), row)
        whole = mine.here("counted", row)
        if self.floor is None:
            summed = f"SUMPRODUCT({same},{points.all('points')},{points.all('weight')})/{whole}"
        else:
            summed = self._of_logs(same, whole)
        total = f"ROUND({summed},6)"
        known = f'IF({whole}>0,{total},"")'
        if not self.refuse:
            return known
        unknown = f"SUMPRODUCT({same}*{self._is(points, self.words.unknown)})"
        return f'IF({unknown}>0,"",{known})'

    def _of_logs(self, same: str, whole: str) -> str:
        """Return the weighted geometric mean of the points, none below the floor."""
        held, weight = self.points.all("points"), self.points.all("weight")
        raised = f"LN(({held}>{self.floor!r})*{held}+(1-({held}>{self.floor!r}))*{self.floor!r})"
        return f"EXP(SUMPRODUCT({same}*ISNUMBER({held}),{weight},{raised})/{whole})"

    def total(self, row: int) -> str:
        """Return a person's total: the roles' totals by time; empty while one is unknown."""
        roles = self.roles
        same = f"EXACT({roles.all('person')},{self.people.here('person', row)})"
        time, totals = roles.all("time"), roles.all("total")
        whole = f"SUMPRODUCT({same}*ISNUMBER({totals}),{time})"
        total = f"ROUND(SUMPRODUCT({same}*1,{time},{totals})/{whole},6)"
        unknown = f"SUMPRODUCT({same}*{self._is(roles, self.words.unknown)})"
        return f'IF({unknown}>0,"",IF({whole}>0,{total},""))'

    def score(self, row: int) -> str:
        """Return total and bonus together."""
        total, bonus = self.people.here("total", row), self.people.here("bonus", row)
        return f'IF(ISNUMBER({total}),ROUND({total}+{bonus},6),"")'

    def grade(self, row: int, grades: Sequence[str], cuts: Sequence[str], *, strict: bool,
              graded: str) -> str:  # fmt: skip
        """Return the grade by fixed cuts: the first that the graded column passes."""
        score = self.people.here(graded, row)
        passes = ">" if strict else ">="
        text = quoted(grades[-1])
        for grade, cut in reversed(list(zip(grades, cuts, strict=False))):
            text = f"IF({score}{passes}{cut},{quoted(grade)},{text})"
        return f'IF(ISNUMBER({score}),{text},"")'

    def pay(
        self,
        row: int,
        floor: str,
        cap: str | None,
        paid: str,
        basis: str = "score",
        coefficients: Mapping[str, str] | None = None,
    ) -> str:
        """Return base x percentage, within the limits, to the cent.

        The percentage is the score, or goes by the coefficient of the grade, whose cells are
        given.
        """
        score, base = self.people.here(paid, row), self.people.here("base_pay", row)
        percent = score
        if basis != "score":
            grade, factor = self.people.here("grade", row), "0"
            for name, cell in reversed(list((coefficients or {}).items())):
                factor = f"IF(EXACT({grade},{quoted(name)}),{cell},{factor})"
            percent = f"100*{factor}" if basis == "grade" else f"{score}*{factor}"
        percent = f"MAX({percent},{floor})"
        if cap is not None:
            percent = f"MIN({percent},{cap})"
        return f'IF(ISNUMBER({score}),ROUND({base}*{percent}/100,2),"")'

    def _applies_to_all(self) -> str:
        applies = self._is(self.points, self.words.ok)
        if self.refuse:
            applies += f"+{self._is(self.points, self.words.unknown)}"
        return applies

    def _is(self, place: Place, word: str) -> str:
        return f"EXACT({place.all('status')},{quoted(word)})"


def _both(where: Place, mine: Place, keys: Sequence[str], row: int) -> str:
    """Return which lines of a sheet agree with this line in some columns."""
    return "*".join(f"EXACT({where.all(key)},{mine.here(key, row)})" for key in keys)
