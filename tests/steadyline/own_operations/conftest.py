"""A catalogue that knows nothing of a user's own at first, and settings that name files."""

import pytest

from steadyline import own_operations, settings


@pytest.fixture(autouse=True)
def _forgotten(forgotten_operations):  # noqa: ARG001
    """What a test names is unknown to the next; no package offers anything."""
    own_operations._offered.cache_clear()
    yield
    own_operations._offered.cache_clear()


@pytest.fixture
def load(tmp_path):
    """`load(text, …)` writes each text to a file, names them all in the settings, and loads these."""

    def loading(*texts, **environ):
        files = [tmp_path / f"own{number or ''}.py" for number in range(len(texts))]
        for file, text in zip(files, texts, strict=True):
            file.write_bytes(text) if isinstance(text, bytes) else file.write_text(text)
        named = ", ".join(f'"{file.name}"' for file in files)
        (tmp_path / "steadyline.toml").write_text(f"operations = [{named}]\n")
        return settings.load(environ, tmp_path / "steadyline.toml")

    return loading
