# SPDX-License-Identifier: MIT
"""README.md's grants: a login that has them, and nothing else, is enough."""

import os
import re

import pytest

from conftest import TOP


@pytest.mark.newest
def test_the_grants_are_enough(facts, admin, probe):
    with open(os.path.join(TOP, "README.md"), encoding="utf-8") as file:
        grants = re.search(r"```sql\n(CREATE ROLE jhe_reader.*?)```",
                           file.read(), re.S).group(1)
    admin.autocommit = True
    cursor = admin.cursor()
    cursor.execute(grants.replace(
        "DATABASE jhe ", "DATABASE %s " % facts["PGDATABASE"]))
    try:
        one = probe(facts["JHE_DB_CONN"].replace("jhe_mcp_reader",
                                                 "jhe_reader"))
        assert one.hello["connected"], one.hello
        one.process.kill()
        one.close()
    finally:
        cursor.execute("DROP OWNED BY jhe_reader; DROP ROLE jhe_reader")
