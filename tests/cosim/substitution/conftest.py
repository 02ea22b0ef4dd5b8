import pytest
from pooled import MODEL, TRAINING
from taught import teach

pytest.importorskip("torch", reason="needs torch")


@pytest.fixture(scope="session")
def taught(tmp_path_factory):
    return teach(tmp_path_factory.mktemp("taught"))


@pytest.fixture(scope="session")
def folder(taught):
    return taught.package.folder.parent.parent


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    """The pool with its package, to be read only; runs go elsewhere."""
    from cosim.substitution.teaching import train

    folder = tmp_path_factory.mktemp("pool")
    (folder / "Pool.mo").write_text(MODEL, encoding="utf-8")
    path = folder / "pool.yaml"
    path.write_text(TRAINING, encoding="utf-8")
    train(path, out=folder / "surrogates" / "pool", workers=0)
    return folder
