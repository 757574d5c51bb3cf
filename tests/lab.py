"""JupyterLab itself, for the tuner's test and its benchmark."""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
PATIENCE = 120_000  # ms, on a busy machine


@contextmanager
def jupyter_lab(folder):
    """Run JupyterLab as ``make lab`` does, in a folder of the test; give its address."""
    asked = ["make", "--dry-run", "--no-print-directory", "lab"]
    alone = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    dry = subprocess.run(asked, cwd=ROOT, env=alone, capture_output=True, text=True, check=True)
    program, *words = shlex.split(dry.stdout.splitlines()[-1])
    assert (Path(program).name, *words[:2]) == ("jupyter", "lab", "notebooks")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    places = {
        f"{name}_DIR": str(folder / name.lower())
        for name in ("JUPYTER_CONFIG", "JUPYTER_DATA", "JUPYTER_RUNTIME")
    }
    command = [
        *(sys.executable, "-m", "jupyterlab", *words[2:]),
        *("--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}", "--port-retries=0"),
        *("--IdentityProvider.token=t", "--LabApp.expose_app_in_browser=True"),
        *("--KernelManager.transport_encryption=auto", f"--ServerApp.root_dir={folder}"),
    ]
    with (folder / "log.txt").open("w") as log:
        server = subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | places | {"IPYTHONDIR": str(folder / "ipython")},
            stdout=log,
            stderr=log,
        )
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()


def opened_in_lab(browser, address, notebook):
    """Open a notebook, run it, and give the tab with a growing list of what it asks for."""
    tab = browser.new_page(viewport={"width": 1280, "height": 1000})
    tab.set_default_timeout(PATIENCE)
    seen = []
    tab.on("request", lambda request: seen.append(request.url))
    tab.on("websocket", lambda web: seen.append(web.url))
    until = time.monotonic() + PATIENCE / 1000
    while True:
        try:
            tab.goto(f"{address}/lab/tree/{notebook}?token=t")
            break
        except Exception:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
    tab.wait_for_selector(".jp-Notebook")
    tab.evaluate(
        """async () => {
          const { shell, commands } = window.jupyterapp;
          await shell.currentWidget.context.sessionContext.ready;
          await commands.execute("notebook:run-all-cells");
        }"""
    )
    return tab, seen


def faults_of(tab):
    """Return what cells say of errors and warnings, also cells out of view."""
    return tab.evaluate(
        """() => window.jupyterapp.shell.currentWidget.content.widgets
          .flatMap((cell) => cell.model.sharedModel.toJSON().outputs ?? [])
          .filter((out) => out.output_type === "error" || out.name === "stderr")
          .map((out) => [out.evalue ?? "", ...[out.text ?? out.traceback].flat()].join(" "))"""
    )
