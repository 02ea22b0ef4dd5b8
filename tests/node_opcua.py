"""A server of node-opcua, another implementation, where Node and the package are there.

NODE_PATH names the folder that holds it: X/node_modules after ``npm install --prefix X node-opcua-server@2.182.2``.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from opcua_server import ServerProcess

SCRIPT = Path(__file__).parent / "live" / "node_server.js"
PLACES = [Path(place, "node-opcua-server") for place in os.environ.get("NODE_PATH", "").split(os.pathsep) if place]
NEEDS = [
    pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed"),
    pytest.mark.skipif(not any(place.is_dir() for place in PLACES), reason="node-opcua-server is not on NODE_PATH"),
]


class NodeServer(ServerProcess):
    """The script in ``live``."""

    def __init__(self, folder, **options):
        settings = {"n": 30, "every": 0.1, "history": True, "folder": str(folder / "node"), **options}
        self._process = subprocess.Popen(
            ["node", str(SCRIPT), json.dumps(settings)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self.port = int(self._answer())
