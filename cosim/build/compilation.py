"""Carrying out a build request: compile the model, pack its FMUs, store them and put them where they were asked for."""

from cosim.build.fmu_writer import copy_whole, write_fmu
from cosim.build.model import CompiledModel
from cosim.build.packaging import pack_model
from cosim.build.request import BuildRequest
from cosim.native import cache_folder


def compile_request(request: BuildRequest) -> None:
    """Build every FMU of ``request``, whether or not it is up to date.

    Raises
    ------
    ModelError, BuildError
        See :func:`cosim.build.builder.build`.
    """
    if request.compiler == "omc":
        from cosim.build.omc import compile_with_omc

        packed = compile_with_omc(request)
    else:
        model = compile_class(request)
        packed = pack_model(model, request.toolchains, cache=cache_folder(), record=request.record())
    for version in request.fmi_versions:
        stored, wanted = request.stored(version), request.path(version)
        write_fmu(stored, packed[version])
        if wanted != stored:
            copy_whole(stored, wanted)


def compile_class(request: BuildRequest) -> CompiledModel:
    """Return the compiled model of the class that ``request`` names."""
    from cosim.build.compiler import compile_model
    from cosim.build.frontend.loader import load_flat

    return compile_model(load_flat(request.source, request.class_name, request.structure_values))
