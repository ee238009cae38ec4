"""Homes that the pages are tested with: filled once, and empty."""

import shutil
from pathlib import Path

import pytest

from tests.pages.made_up import build


@pytest.fixture(scope="session")
def filled_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled")
    return build(folder / "home", folder)


@pytest.fixture
def bare_home(tmp_path: Path, empty_home: Path) -> Path:
    return Path(shutil.copytree(empty_home, tmp_path / "home"))
