"""As much of the FlatBuffers format as it takes to see whether an Arrow message has compressed buffers.

Arrow, format/Message.fbs: Message {version, header_type, header}; RecordBatch {length, nodes, buffers, compression};
DictionaryBatch {id, data: RecordBatch}. A table begins with the distance back to its vtable, which gives for each field
its place in the table, 0 where it is not there.
"""

from __future__ import annotations

import struct

HEADER_TYPE, HEADER = 1, 2
DICTIONARY_BATCH, RECORD_BATCH = 2, 3
DATA, COMPRESSION = 1, 3
VTABLE_HEAD_BYTES = 4


def is_compressed(message: bytes) -> bool:
    """Whether the record batch in a message's metadata says that its buffers are compressed.

    Raises ValueError for what is no such metadata.
    """
    try:
        root = _number("<I", message, 0)
        place = _field(message, root, HEADER_TYPE)
        kind = message[place] if place else 0
        header = _table(message, root, HEADER)
        if kind == DICTIONARY_BATCH and header:
            header = _table(message, header, DATA)
        elif kind != RECORD_BATCH:
            return False
        return bool(header and _field(message, header, COMPRESSION))
    except (struct.error, IndexError) as error:
        raise ValueError("metadata cut off") from error


def _number(form: str, message: bytes, place: int) -> int:
    if place < 0:
        raise IndexError(place)
    return int(struct.unpack_from(form, message, place)[0])


def _field(message: bytes, table: int, number: int) -> int:
    """Where a field of a table is; 0 when it is not there."""
    vtable = table - _number("<i", message, table)
    entry = VTABLE_HEAD_BYTES + 2 * number
    if entry >= _number("<H", message, vtable):
        return 0
    distance = _number("<H", message, vtable + entry)
    return table + distance if distance else 0


def _table(message: bytes, table: int, number: int) -> int:
    """Where the table that a field refers to is; 0 when it is not there."""
    place = _field(message, table, number)
    return place + _number("<I", message, place) if place else 0
