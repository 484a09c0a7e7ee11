"""Client addresses."""

from ipaddress import IPv4Address

import pytest

from accounts.addresses import UNKNOWN_GROUP, address_group, parse_address


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::2", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("no address", UNKNOWN_GROUP),
        ("", UNKNOWN_GROUP),
        (None, UNKNOWN_GROUP),
    ],
)
def test_clients_are_counted_by_what_one_customer_gets(text: str | None, group: str) -> None:
    assert address_group(text) == group


def test_an_ipv4_address_written_as_ipv6_is_the_same_address() -> None:
    assert parse_address("::ffff:192.0.2.7") == IPv4Address("192.0.2.7")
