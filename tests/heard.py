"""A page that keeps what a notebook would show, so that tests can read it."""

from __future__ import annotations

from kpilib.display import Page


class Heard(Page):
    """A page that keeps every block with its kind, and every table as it was given."""

    def __init__(self, notebook="monthly_review", **kinds):
        super().__init__(notebook, **kinds)
        self.blocks, self.tables = [], {}

    def table(self, frame, *, caption, **kinds):
        super().table(frame, caption=caption, **kinds)
        self.tables[caption] = frame

    def _emit(self, inner, **about):
        self.blocks.append((about["kind"], inner))

    @property
    def said(self):
        return "".join(inner for _, inner in self.blocks)

    def text_of(self, kind):
        return " ".join(inner for held, inner in self.blocks if held == kind)

    def kinds(self):
        return [kind for kind, _ in self.blocks]
