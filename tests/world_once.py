"""The small world is made once in a process; every later test gets the same rows back, and objects of its own.

Making it takes a fifth of a second and hundreds of tests ask for it; putting its rows back takes a hundredth.
"""

import pickle
from typing import Any

from django.apps import apps
from django.db import connection
from treebeard.mp_tree import MP_Node

from lms.audit.models import AuditEvent, AuditStream
from tests.factories import World, make_world

CHAINS = (AuditStream._meta.db_table, AuditEvent._meta.db_table)
FAR = 1_000_000  # SQLite gives the world's rows numbers from here: what a test made before it never has one of them
_kept: list[tuple[bytes, list[tuple[str, list[Any]]]]] = []


def world_again() -> World:
    """Both tenants, as `make_world` makes them."""
    if not connection.in_atomic_block:
        return make_world()  # flushed afterwards: numbers that the rows refer to do not last
    if _kept:
        blob, rows = _kept[0]
        with connection.cursor() as cursor:
            for statement, values in rows:
                cursor.execute(statement, values)
        return pickle.loads(blob)
    _skip_numbers()
    before, nodes = _newest(), _nodes()
    world = make_world()
    _kept.append((pickle.dumps(world), [*_moved(nodes), *_rows_after(before)]))
    return pickle.loads(_kept[0][0])


def _tables() -> dict[str, tuple[str, list[str]]]:
    """Every table with a number of its own as key: the key, and the columns that are written."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        if meta.managed and not meta.proxy and meta.pk.get_internal_type().endswith("AutoField"):
            columns = [field.column for field in meta.local_concrete_fields if not field.generated]
            found[meta.db_table] = (meta.pk.column, columns)
    return found


def _skip_numbers() -> None:
    if connection.vendor != "sqlite":
        return  # PostgreSQL never gives a number twice
    with connection.cursor() as cursor:
        for table in _tables():
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, FAR])


def _newest() -> dict[str, int]:
    with connection.cursor() as cursor:
        found = {}
        for table, (key, _) in _tables().items():
            cursor.execute(f'SELECT COALESCE(MAX("{key}"), 0) FROM "{table}"')
            found[table] = cursor.fetchone()[0]
        return found


def _nodes() -> dict[tuple[str, int], tuple[str, int]]:
    """Each node of a tree: its path, and how many children it has."""
    trees = (model for model in apps.get_models() if issubclass(model, MP_Node) and not model._meta.parents)
    return {
        (model._meta.db_table, key): (path, children)
        for model in trees for key, path, children in model.objects.values_list("pk", "path", "numchild")
    }  # fmt: skip


def _moved(nodes: dict[tuple[str, int], tuple[str, int]]) -> list[tuple[str, list[Any]]]:
    """Nodes that were there before and now have more children, or another place: some trees keep themselves in order.
    First out of each other's way, as no two may have the same place."""
    now = _nodes()
    moved = {node: now[node] for node, before in nodes.items() if now[node] != before}
    away = [(f"UPDATE {table} SET path = %s WHERE id = %s", [f"away {key}", key]) for table, key in moved]
    return away + [(f"UPDATE {table} SET path = %s, numchild = %s WHERE id = %s", [path, children, key])
                   for (table, key), (path, children) in moved.items()]  # fmt: skip


def _rows_after(newest: dict[str, int]) -> list[tuple[str, list[Any]]]:
    """One INSERT for each table that has rows since: foreign keys are checked at the end of the transaction."""
    statements = _chains_after(newest)
    with connection.cursor() as cursor:
        for table, (key, columns) in _tables().items():
            if table in CHAINS:
                continue
            names = ", ".join(f'"{column}"' for column in columns)
            cursor.execute(f'SELECT {names} FROM "{table}" WHERE "{key}" > %s ORDER BY "{key}"', [newest[table]])
            rows = cursor.fetchall()
            if rows:
                one = f"({', '.join(['%s'] * len(columns))})"
                values = [value for row in rows for value in row]
                statements.append((f'INSERT INTO "{table}" ({names}) VALUES {", ".join([one] * len(rows))}', values))
    return statements


def _chains_after(newest: dict[str, int]) -> list[tuple[str, list[Any]]]:
    """The audit chains, as the database lets them grow: a stream begins empty, and its head follows each event."""
    streams, events = CHAINS
    names = ", ".join(f'"{column}"' for column in _tables()[events][1])
    statements: list[tuple[str, list[Any]]] = []
    for stream in AuditStream.objects.filter(pk__gt=newest[streams]).order_by("pk"):
        statements.append((f"INSERT INTO {streams} (id, name, last_sequence, last_hash) VALUES (%s, %s, 0, '')",
                           [stream.pk, stream.name]))  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT stream_id, sequence, hash, {names} FROM {events} WHERE id > %s ORDER BY id",
                       [newest[events]])  # fmt: skip
        for stream_id, sequence, digest, *values in cursor.fetchall():
            places = ", ".join(["%s"] * len(values))
            statements.append((f"INSERT INTO {events} ({names}) VALUES ({places})", values))
            statements.append((f"UPDATE {streams} SET last_sequence = %s, last_hash = %s WHERE id = %s",
                               [sequence, digest, stream_id]))  # fmt: skip
    return statements
