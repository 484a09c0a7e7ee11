"""Client addresses: read leniently, grouped the way networks are handed out."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

UNKNOWN_GROUP = "unknown"
"""Callers whose address cannot be read share one group."""


def parse_address(text: str | None) -> IPv4Address | IPv6Address | None:
    """Gives the address; an IPv4 one written as IPv6 comes out as IPv4, and what is no address as None."""
    try:
        address = ip_address(text or "")
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def address_group(text: str | None) -> str:
    """Gives the name under which a client is counted: its IPv4 address, or the /64 one IPv6 customer gets.

    Source: RFC 6177, section 2.
    """
    address = parse_address(text)
    if address is None:
        return UNKNOWN_GROUP
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((int(address), 64), strict=False))
