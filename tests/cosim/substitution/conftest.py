import pytest
from taught import teach

pytest.importorskip("torch", reason="needs torch")


@pytest.fixture(scope="session")
def taught(tmp_path_factory):
    return teach(tmp_path_factory.mktemp("taught"))


@pytest.fixture(scope="session")
def folder(taught):
    return taught.package.folder.parent.parent
