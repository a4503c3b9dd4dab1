"""Writes MaxMind DB files, as small as tests need them: https://maxmind.github.io/MaxMind-DB/.

A binary tree over the bits of addresses, whose leaves point into records. IPv4 networks live
below ::/96 of the same tree.
"""

from collections.abc import Mapping
from ipaddress import IPv4Network, ip_network
from pathlib import Path

Record = Mapping[str, "str | bytes | Record"]
Tree = dict[int, "Tree | int"]
MARKER = b"\xab\xcd\xefMaxMind.com"


def write_mmdb(file: Path, networks: Mapping[str, Record], *, ip_version: int = 6) -> Path:
    """A file in which each of these networks has its record."""
    tree, data = Tree(), b""
    for name, record in networks.items():
        _plant(tree, _bits(name, ip_version), len(data))
        data += _encoded(record)
    nodes: list[Tree] = []
    _number(tree, nodes)
    places = {id(node): number for number, node in enumerate(nodes)}

    def pointer(branch: "Tree | int | None") -> int:
        if isinstance(branch, dict):
            return places[id(branch)]
        return len(nodes) if branch is None else len(nodes) + 16 + branch

    sides = [pointer(node.get(bit)) for node in nodes for bit in (0, 1)]
    body = b"".join(side.to_bytes(3, "big") for side in sides)
    file.write_bytes(body + bytes(16) + data + MARKER + _metadata(len(nodes), ip_version))
    return file


def _bits(name: str, ip_version: int) -> str:
    network = ip_network(name)
    bits = f"{int(network.network_address):0{network.max_prefixlen}b}"[: network.prefixlen]
    return "0" * 96 + bits if isinstance(network, IPv4Network) and ip_version == 6 else bits


def _plant(tree: Tree, bits: str, place: int) -> None:
    for bit in bits[:-1]:
        branch = tree.setdefault(int(bit), Tree())
        assert isinstance(branch, dict), "these networks overlap"
        tree = branch
    tree[int(bits[-1])] = place


def _number(tree: Tree, nodes: list[Tree]) -> None:
    nodes.append(tree)
    for branch in tree.values():
        if isinstance(branch, dict):
            _number(branch, nodes)


def _metadata(nodes: int, ip_version: int) -> bytes:
    return _encoded(
        {
            "binary_format_major_version": _uint16(2),
            "binary_format_minor_version": _uint16(0),
            "build_epoch": _UINT64 + (1_790_000_000).to_bytes(8, "big"),
            "database_type": "Khata-Test",
            "description": {},
            "ip_version": _uint16(ip_version),
            "languages": _NO_TEXTS,
            "node_count": _UINT32 + nodes.to_bytes(4, "big"),
            "record_size": _uint16(24),
        }
    )


def _uint16(number: int) -> bytes:
    return bytes([5 << 5 | 2]) + number.to_bytes(2, "big")


_UINT32 = bytes([6 << 5 | 4])
_UINT64 = bytes([8, 9 - 7])
_NO_TEXTS = bytes([0, 11 - 7])


def _encoded(value: "str | bytes | Record") -> bytes:
    """Texts and maps of less than 29 bytes or pairs; bytes are encoded already."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return bytes([2 << 5 | len(value.encode())]) + value.encode()
    pairs = b"".join(_encoded(name) + _encoded(each) for name, each in value.items())
    return bytes([7 << 5 | len(value)]) + pairs
