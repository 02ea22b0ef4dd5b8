"""macOS universal binaries."""

import struct

from cosim.build.universal import join_universal

INTEL = struct.pack("<Iii", 0xFEEDFACF, 0x01000007, 3) + b"intel" * 10
ARM = struct.pack("<Iii", 0xFEEDFACF, 0x0100000C, 0) + b"arm" * 20_000


def test_parts_are_found_through_the_header():
    joined = join_universal([INTEL, ARM])
    magic, count = struct.unpack_from(">II", joined)
    assert (magic, count) == (0xCAFEBABE, 2)
    for k, part in enumerate((INTEL, ARM)):
        cpu, _, offset, size, align = struct.unpack_from(">iiIII", joined, 8 + 20 * k)
        assert cpu == struct.unpack_from("<i", part, 4)[0]
        assert offset % (1 << align) == 0
        assert joined[offset : offset + size] == part


def test_single_library_stays_as_it_is():
    assert join_universal([ARM]) == ARM
