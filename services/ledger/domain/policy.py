"""Whom one trusts, and how many must agree: the policy file (C2SP tlog-policy).

log <vkey> [<url>]
witness <name> <vkey> [<url>]
group <name> all|any|<k> <name>…
quorum <name>|none
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from services.ledger.domain.note import Key, MalformedNote, SignatureType, read_vkey

POLICY_BYTES_MAX = 65_536
NAMES_MAX = 1_000
NONE = "none"
THRESHOLD = re.compile(r"[1-9][0-9]{0,3}")
ALLOWED = re.compile(rb"[\t\n\x20-\x7e\x80-\xff]*")


class MalformedPolicy(ValueError):
    """This text is no policy."""


@dataclass(frozen=True, slots=True)
class Group:
    """Holds when at least `threshold` of its members, witnesses or groups, do."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """`quorum`: the name of the witness or group that must hold; None when no cosignature is asked for."""

    logs: tuple[Key, ...] = ()
    witnesses: Mapping[str, Key] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    quorum: str | None = None

    def met_by(self, cosigners: Collection[Key]) -> bool:
        """Whether these keys, having cosigned, are enough."""
        return self.quorum is None or self.holds(self.quorum, cosigners)

    def holds(self, name: str, cosigners: Collection[Key]) -> bool:
        if name in self.witnesses:
            return self.witnesses[name] in cosigners
        group = self.groups[name]
        return sum(self.holds(member, cosigners) for member in group.members) >= group.threshold


@dataclass(slots=True)
class Reading:
    """A policy as far as its lines were read; each name can be a member once, and only after it was defined."""

    logs: list[Key] = field(default_factory=list)
    witnesses: dict[str, Key] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    quorum: list[str] = field(default_factory=list)

    def line(self, words: Sequence[str]) -> None:
        match words:
            case ["log", vkey] | ["log", vkey, _]:
                self.logs.append(self.key(vkey, SignatureType.LOG, self.logs))
            case ["witness", name, vkey] | ["witness", name, vkey, _]:
                self.witnesses[self.new(name)] = self.key(
                    vkey, SignatureType.COSIGNATURE, list(self.witnesses.values())
                )
            case ["group", name, needed, *members] if members:
                self.groups[self.new(name)] = self.group(needed, members)
            case ["quorum", name]:
                if name != NONE:
                    self.known(name)
                self.quorum.append(name)
            case _:
                raise MalformedPolicy(f"This is no line of a policy: {' '.join(words)[:80]}")

    def key(self, text: str, wanted: SignatureType, before: Sequence[Key]) -> Key:
        try:
            key = read_vkey(text)
        except MalformedNote as error:
            raise MalformedPolicy(str(error)) from error
        if key.type != wanted:
            raise MalformedPolicy(f"The key {text} is of type {key.type}; here belongs one of type {int(wanted)}.")
        if any(key.public == one.public for one in before):
            raise MalformedPolicy(f"The key of {key.name} is there twice.")
        return key

    def group(self, needed: str, members: list[str]) -> Group:
        for member in members:
            self.known(member)
            if member in self.taken:
                raise MalformedPolicy(f"{member} is a member twice.")
            self.taken.add(member)
        threshold = {"all": len(members), "any": 1}.get(needed) or (int(needed) if THRESHOLD.fullmatch(needed) else 0)
        if not 1 <= threshold <= len(members):
            raise MalformedPolicy(f"Of {len(members)} members {needed} cannot be asked for.")
        return Group(threshold, tuple(members))

    def new(self, name: str) -> str:
        if name == NONE or name in self.witnesses or name in self.groups:
            raise MalformedPolicy(f"The name {name} is taken.")
        if len(self.witnesses) + len(self.groups) >= NAMES_MAX:
            raise MalformedPolicy(f"A policy names at most {NAMES_MAX:,} witnesses and groups.")
        return name

    def known(self, name: str) -> None:
        if name not in self.witnesses and name not in self.groups:
            raise MalformedPolicy(f"{name} is not defined above.")


def read_policy(raw: bytes) -> Policy:
    """Raises MalformedPolicy, with the line in words."""
    if len(raw) > POLICY_BYTES_MAX or not ALLOWED.fullmatch(raw):
        raise MalformedPolicy(f"A policy is text of at most {POLICY_BYTES_MAX:,} bytes without control characters.")
    reading = Reading()
    for line in raw.decode("utf-8", "surrogateescape").split("\n"):
        words = re.split(r"[ \t]+", line.strip(" \t"))
        if words != [""] and not words[0].startswith("#"):
            reading.line(words)
    if len(reading.quorum) != 1:
        raise MalformedPolicy("A policy has one line that says the quorum.")
    quorum = None if reading.quorum[0] == NONE else reading.quorum[0]
    return Policy(tuple(reading.logs), reading.witnesses, reading.groups, quorum)


def write_policy(policy: Policy) -> str:
    """The same as text; a group stands after its members."""
    lines = [f"log {key.vkey}" for key in policy.logs]
    lines += [f"witness {name} {key.vkey}" for name, key in policy.witnesses.items()]
    lines += [f"group {name} {one.threshold} {' '.join(one.members)}" for name, one in policy.groups.items()]
    return "".join(f"{line}\n" for line in (*lines, f"quorum {policy.quorum or NONE}"))


def policy_of_sides(logs: Sequence[Key], sides: Mapping[str, Sequence[Key]]) -> Policy:
    """Any witness of each side that has one: `sides` are groups by a name without spaces.

    Witnesses are called w1, w2 … in it: what they call themselves, in their keys, may be a word of policies. A key that
    two sides name is that of the first, since a policy has each but once.
    """
    witnesses: dict[str, Key] = {}
    groups: dict[str, Group] = {}
    seen: set[bytes] = set()
    for side, keys in sorted(sides.items()):
        own = {key.public: key for key in keys if key.public not in seen}
        seen.update(own)
        named = {f"w{number}": key for number, key in enumerate(own.values(), len(witnesses) + 1)}
        witnesses |= named
        if named:
            groups[side] = Group(1, tuple(named))
    all_sides = tuple(groups)
    if len(all_sides) > 1:
        groups["every-side"] = Group(len(all_sides), all_sides)
    quorum = next(reversed(groups), None)
    return Policy(tuple(logs), witnesses, groups, quorum)
