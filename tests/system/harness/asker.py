# SPDX-License-Identifier: MIT
"""One person's session, every answer of it looked at: it satisfies the
tool's outputSchema, its second block is its structured content, and no
secret of the exchange is in it."""

import json

from . import schema
from .exchange import Exchange, claims_of


class Asker:
    def __init__(self, server):
        self.server = server
        server.initialize()
        answer = server.request("tools/list")
        self.schemas = {tool["name"]: tool["outputSchema"]
                        for tool in answer["result"]["tools"]}

    def ask(self, tool, **arguments):
        """(structured content, None) or (None, text of the error)."""
        result = self.server.call_tool(tool, **arguments)
        text = json.dumps(result, ensure_ascii=False)
        assert Exchange.canary(text) is None, (tool, arguments)
        blocks = result["content"]
        assert all(block["type"] == "text" for block in blocks)
        if result.get("isError"):
            assert len(blocks) == 1 and "structuredContent" not in result
            return None, blocks[0]["text"]
        structured = result["structuredContent"]
        schema.check(structured, self.schemas[tool])
        assert len(blocks) == 2 and json.loads(blocks[1]["text"]) == structured
        self._check_table(structured)
        return structured, None

    @staticmethod
    def _check_table(structured):
        if "rows" not in structured:
            return
        assert len(structured["rows"]) == structured["returned"]
        assert all(len(row) == len(structured["columns"])
                   for row in structured["rows"])
        assert structured["returned"] <= structured["total"]
        assert structured["truncated"] == ("next_cursor" in structured)

    def table(self, tool, **arguments):
        """All rows of all pages as dicts, and the total; (None, error)."""
        rows, cursor, total = [], {}, None
        ids = {name: value for name, value in arguments.items()
               if name.endswith("_id")}
        while True:
            page, error = self.ask(tool, **arguments)
            if error is not None:
                return None, error
            assert total in (None, page["total"]), "the total changed"
            total = page["total"]
            rows += [dict(zip(page["columns"], row)) for row in page["rows"]]
            if not page["truncated"]:
                return rows, total
            assert page["rows"], "an empty page that is not the last"
            cursor = {"cursor": page["next_cursor"]}
            arguments = dict(ids, **cursor)

    def claimed(self):
        """Studies that the ID token narrows to, or None; read from it."""
        permissions = claims_of(self.server.cache()["id_token"])[1].get(
            "jhe_permissions")
        if permissions is None or "studies" not in permissions:
            return None
        return permissions["studies"]
