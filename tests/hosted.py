"""Instances of FMUs, in the process of the tests and hosted in all ways there are."""

from contextlib import contextmanager

from cosim.fmu import open_fmu
from cosim.hosting.host import HostedFile, ProcessHost
from cosim.hosting.process import Limits


class Way:
    """How instances are hosted."""

    make_host = staticmethod(lambda: ProcessHost(Limits()))


@contextmanager
def hosted(path, interface=None, name="tank"):
    host = Way.make_host()
    with open_fmu(path, interface) as file:
        known = HostedFile(file.path, file.sha256, file.interface_type, file.facts.major_version, file.description)
        try:
            with host.instantiate(known, name) as instance:
                yield instance
        finally:
            host.close()


@contextmanager
def inline(path, interface=None, name="tank"):
    with open_fmu(path, interface) as file, file.instantiate(name) as instance:
        yield instance
