"""`cosim new` makes a project and overwrites nothing."""

from cosim.cli.app import run_app


def test_a_project_has_a_scenario_that_can_be_read(tmp_path, capfd):
    from cosim.scenario.parse import load_scenario

    folder = tmp_path / "my study"
    assert run_app(["new", str(folder)]) == 0
    assert sorted(path.name for path in folder.iterdir()) == [
        ".gitignore",
        "README.md",
        "fmus",
        "modelica",
        "scenarios",
    ]
    assert load_scenario(folder / "scenarios" / "hello.yaml").name == "hello"
    assert "cosim run scenarios/hello.yaml" in capfd.readouterr().out


def test_another_scenario_can_be_chosen(tmp_path):
    assert run_app(["new", str(tmp_path / "study"), "--from", "mab_fed_batch"]) == 0
    assert (tmp_path / "study" / "scenarios" / "mab_fed_batch.yaml").is_file()


def test_a_scenario_brings_the_files_it_reads(tmp_path):
    from cosim.scenario.parse import load_scenario

    assert run_app(["new", str(tmp_path / "study"), "--from", "gradients_12m3"]) == 0
    scenario = load_scenario(tmp_path / "study" / "scenarios" / "gradients_12m3.yaml")
    assert [(scenario.folder / entry.file).is_file() for entry in scenario.parameter_sets] == [True]


def test_nothing_is_overwritten(tmp_path, capfd):
    (tmp_path / "mine.txt").write_text("mine")
    assert run_app(["new", str(tmp_path)]) == 2
    assert "exists and is not empty" in capfd.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_unknown_scenario_names_those_there_are(tmp_path, capfd):
    assert run_app(["new", str(tmp_path / "study"), "--from", "nothing"]) == 2
    said = capfd.readouterr().err
    assert "hello, " in said
    assert "mab_fed_batch" in said
    assert not (tmp_path / "study").exists()


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path, capfd):
    (tmp_path / "file").write_text("")
    assert run_app(["new", str(tmp_path / "file" / "study")]) == 2
    assert "Cannot create the project" in capfd.readouterr().err
