"""A port that is taken gives way to the next."""

import socket

from runtime import ports


def test_a_taken_port_gives_the_next_free_one() -> None:
    with socket.create_server((ports.LOOPBACK, 0)) as other:
        wanted = other.getsockname()[1]
        assert not ports.is_free(wanted)
        assert ports.next_free(wanted) > wanted


def test_a_promised_port_is_not_given_twice() -> None:
    first = ports.next_free(20_000)
    assert ports.next_free(20_000, {first}) > first


def test_several_ports_are_different() -> None:
    assert len(set(ports.any_free(20))) == 20
