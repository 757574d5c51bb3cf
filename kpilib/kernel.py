"""Run one notebook in a kernel of its own: parameters checked before, outputs after."""

from __future__ import annotations

import ast
import os
import re
from contextlib import contextmanager
from difflib import get_close_matches
from functools import cache
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from kpilib.errors import KpiError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from nbformat import NotebookNode

Value = str | int | float | bool

_TYPES: Final[dict[str, type]] = {"str": str, "int": int, "float": float, "bool": bool}
_INJECTED: Final = "injected-parameters"
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_PLACE = re.compile(r"^\S*\.py:\d+: ")


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook, as one of Python's.

    Raises
    ------
    KpiError
        If it cannot be read.
    """
    import nbformat

    try:
        notebook: NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    except (OSError, nbformat.reader.NotJSONError, nbformat.ValidationError) as error:
        raise KpiError(
            str(path), "cannot be read as a notebook.", "save it anew in JupyterLab."
        ) from error
    # papermill asks the notebook which language it is in; one saved without it is Python's too
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "language": "python",
        "display_name": "Python 3",
    }
    return notebook


def check_parameters(
    notebook: NotebookNode, given: Mapping[str, Value], where: str
) -> dict[str, Value]:
    """Compare parameters with those that a notebook declares.

    Parameters
    ----------
    notebook : NotebookNode
        Its cell tagged ``parameters`` declares them, one on a line, with a type.
    given : mapping
        Values to pass.
    where : str
        The notebook's place, for errors.

    Returns
    -------
    dict
        The same values.

    Raises
    ------
    KpiError
        If the notebook does not declare one of them, or as another type: papermill would only
        log a warning, and the page would show the default.
    """
    declared = _declared(notebook)
    for name, value in given.items():
        if name not in declared:
            raise KpiError(
                f"{where}, parameter {name!r}",
                "the notebook has no such parameter.",
                _remedy(name, declared, notebook),
            )
        wanted = str(declared[name]["inferred_type_name"])
        if wanted not in _TYPES:
            raise KpiError(
                f"{where}, parameter {name!r}",
                f"is declared as {wanted}.",
                f"declare it as one of {', '.join(_TYPES)}; a date is passed as text.",
            )
        if type(value) is not _TYPES[wanted]:
            raise KpiError(
                f"{where}, parameter {name!r}",
                f"is {wanted}, found {type(value).__name__} {value!r}.",
                "pass a value of that type; a date is passed as text.",
            )
    return dict(given)


def as_declared(notebook: NotebookNode, given: Mapping[str, str], where: str) -> dict[str, Value]:
    """Read parameters that were typed as text, each as the type that the notebook declares.

    Raises
    ------
    KpiError
        If a text is not such a value; ``007`` is no number, for it would lose its zeros.
    """
    declared = _declared(notebook)
    out: dict[str, Value] = {}
    for name, text in given.items():
        wanted = str(declared[name]["inferred_type_name"]) if name in declared else "str"
        value = _read(text) if wanted in {"int", "float", "bool"} else text
        if wanted == "float" and type(value) is int:
            value = float(value)
        if wanted in _TYPES and type(value) is not _TYPES[wanted]:
            raise KpiError(
                f"{where}, parameter {name!r}", f"{text!r} is no {wanted}.", f"pass a {wanted}."
            )
        out[name] = value
    return out


def _declared(notebook: NotebookNode) -> dict[str, Any]:
    """Return the parameters that papermill finds in a notebook, by name."""
    import logging

    from papermill import inspect_notebook

    logging.getLogger("papermill").setLevel(logging.ERROR)  # it warns of comments in the cell
    found: dict[str, Any] = inspect_notebook(notebook)
    return found


def _read(text: str) -> Value:
    try:
        value = ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return text
    return value if isinstance(value, Value) else text


def run(notebook: NotebookNode, parameters: Mapping[str, Value], where: str) -> NotebookNode:
    """Run a notebook in a fresh kernel.

    Parameters
    ----------
    notebook : NotebookNode
        What to run; not changed.
    parameters : mapping
        Checked values, set after the notebook's own.
    where : str
        The notebook's place, for errors.

    Returns
    -------
    NotebookNode
        With outputs, free of anything that differs from run to run.

    Raises
    ------
    KpiError
        If a cell fails, warns, prints, or shows what a page cannot.
    """
    import papermill

    with _quiet_kernels() as manager:
        try:
            done: NotebookNode = papermill.execute_notebook(
                notebook,
                None,
                dict(parameters),
                kernel_name="python3",
                language="python",
                progress_bar=False,
                kernel_manager_class=manager,
                shutdown_kernel="immediate",
                extra_arguments=["--HistoryManager.enabled=False"],
            )
        except papermill.PapermillExecutionError as error:
            cell = _number(error.cell_index, notebook, put_in=bool(parameters))
            raise _said(error, f"{where}, cell {cell}") from None
    done.cells = [c for c in done.cells if _INJECTED not in c.metadata.get("tags", [])]
    done.metadata.pop("papermill", None)
    for number, cell in enumerate(done.cells, start=1):
        cell.metadata.pop("papermill", None)
        for output in cell.get("outputs", []):
            _check_output(output, f"{where}, cell {number}")
    return done


def _said(error: Any, where: str) -> KpiError:  # noqa: ANN401 - papermill has no types
    """Say which cell failed and how; our own errors bring their remedy with them."""
    text = " ".join(_COLOUR.sub("", str(error.evalue)).split())
    problem, own, remedy = text.partition(" To mend: ")
    if error.ename == KpiError.__name__ and own:
        return KpiError(where, problem, remedy)
    return KpiError(
        where,
        f"{error.ename}: {text}" if text else f"{error.ename}.",
        "mend that cell or its data; the last good page stays as it is.",
    )


def _number(index: int, notebook: NotebookNode, *, put_in: bool) -> int:
    """Return a cell's number as a reader counts, without the cell that papermill puts in."""
    tagged = [i for i, c in enumerate(notebook.cells) if "parameters" in c.metadata.get("tags", [])]
    last = tagged[0] if tagged else -1
    return index if put_in and index > last else index + 1


def _remedy(name: str, declared: Mapping[str, object], notebook: NotebookNode) -> str:
    near = get_close_matches(name, declared, n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    if name in _assigned(notebook):
        return "keep one '=' on its line, comment included; a second one hides it from papermill."
    return f"take one of {', '.join(sorted(declared)) or 'none'}, or declare it in the notebook."


def _assigned(notebook: NotebookNode) -> set[str]:
    """Return the names that the cell of parameters gives values to."""
    names = set()
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", []):
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    names.add(node.id)
    return names


def _check_output(output: NotebookNode, where: str) -> None:
    """Refuse an output that a page would hide or could not describe."""
    if output.output_type == "stream":
        if output.name == "stderr":
            raise KpiError(where, f"warned: {_warning(output.text)}", "mend what it warns of.")
        raise KpiError(where, "prints.", "show it through display.Page.")
    if output.output_type in {"display_data", "execute_result"} and "text/html" not in output.data:
        kinds = ", ".join(sorted(output.data))
        raise KpiError(
            where,
            f"shows {kinds}, which a page cannot.",
            "end it without a value, or show it through display.Page.",
        )


def _warning(text: str) -> str:
    """Return the line of a warning that says what it is, without the place of its file."""
    lines = [line.strip() for line in _COLOUR.sub("", text).splitlines() if line.strip()]
    line = next((line for line in lines if "Warning: " in line), lines[-1] if lines else "")
    return _PLACE.sub("", line)


@contextmanager
def _quiet_kernels() -> Iterator[type]:
    """Give kernels that know nothing of the user's IPython, draw to nowhere and encrypt."""
    with TemporaryDirectory(prefix="kpi-ipython-") as profile:
        changes = {
            "IPYTHONDIR": profile,
            "MPLBACKEND": "agg",  # else each figure of pyplot is shown again at the cell's end
            "PYTHONHASHSEED": "0",
            "PYTHONUTF8": "1",
        }
        before = {name: os.environ.get(name) for name in changes}
        os.environ.update(changes)
        try:
            yield _manager()
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


@cache
def _manager() -> type:
    from ipykernel.kernelspec import get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    class Manager(AsyncKernelManager):
        """Kernels of this very Python, whatever kernels the user has installed."""

        def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - traitlets' own
            super().__init__(**kwargs)
            self.transport_encryption = "auto"
            self._kernel_spec = KernelSpec(**get_kernel_dict())

    return Manager
