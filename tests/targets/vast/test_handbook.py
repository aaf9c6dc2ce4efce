"""What docs/targets.md shows of the endpoint works as it stands there."""

import re
import subprocess
import sys

from vast_endpoint import ACCESS, ROOT, SECRET, Serve

PAGE = ROOT / "docs" / "targets.md"


def test_example(serve: Serve) -> None:
    """The Python example, word for word but for the address and the keys, prints the rows it asks for."""
    example = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert example
    code = example[1]
    real = {
        "http://127.0.0.1:9001": serve("--bucket", "db").url,
        '"steadyline"': f'"{ACCESS}"',
        '"known-to-everybody"': f'"{SECRET}"',
    }
    for shown, own in real.items():
        assert shown in code
        code = code.replace(shown, own)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert re.search(r"2,\s*3", done.stdout), done.stdout
