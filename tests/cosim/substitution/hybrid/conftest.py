import pytest
from cultured import TRAINING, culture, write_batches


@pytest.fixture(scope="session")
def culture_project(tmp_path_factory):
    """A folder with the models, experiments of a plant, and a hybrid fitted to them; to be read only."""
    from cosim.substitution.hybrid.teaching import train_hybrid

    folder = tmp_path_factory.mktemp("culture")
    write_batches(folder)
    path = folder / "culture.yaml"
    path.write_text(TRAINING, encoding="utf-8")
    train_hybrid(path, out=folder / "surrogates" / "culture")
    return folder


@pytest.fixture(scope="session")
def culture_fmu(culture_project):
    with culture(culture_project) as file:
        yield file
