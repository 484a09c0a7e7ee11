"""Elements that describe one member of an API each, made known by a class where nothing about them says so."""

from selectolax.lexbor import LexborNode

from indexer.extract.html.profiles import Profile

_DESCRIPTIONS = "li.tsd-signature + li.tsd-description"
"""Up to version 0.25 TypeDoc has a signature and what describes it in two items of a list."""

_NAMED_TYPES = "a.extype[name],a.extmbr[name]"
"""Scaladoc writes the name of a type at each link to it, where it marks no place."""


def name_members(container: LexborNode, profile: Profile) -> None:
    """Gives what a profile finds as members the class of their rule; a signature stands in the element about it."""
    for description in container.css(_DESCRIPTIONS):
        signature, first = description.prev, description.first_child
        while signature is not None and signature.tag != "li":
            signature = signature.prev
        if signature is not None and first is not None:
            first.insert_before(signature, move=True)
    for link in container.css(_NAMED_TYPES):
        del link.attrs["name"]
    for member in container.css(profile.members):
        member.attrs["class"] = f"{profile.member_class} {member.attributes.get('class') or ''}"
