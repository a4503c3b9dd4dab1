"""The dashboard speaks the API that there is: its types are those of the document, made anew."""

import subprocess
import sys
from pathlib import Path

import msgspec

from khata.http.app import document

ROOT = Path(__file__).parents[2]
TYPES = ROOT / "web/src/api/schema.d.ts"


def test_the_types_are_made_from_the_document_of_today(tmp_path: Path) -> None:
    described = tmp_path / "openapi.json"
    described.write_bytes(msgspec.json.encode(document()))
    made = tmp_path / "schema.d.ts"
    generate = ["npm", "exec", "--", "openapi-typescript", str(described)]
    options = ["--default-non-nullable=false", "--output", str(made)]
    program = [sys.executable, str(ROOT / "hatch_build.py"), *generate, *options]
    subprocess.run(program, check=True, capture_output=True, cwd=ROOT)
    assert made.read_text() == TYPES.read_text(), "the API has changed: make api"
