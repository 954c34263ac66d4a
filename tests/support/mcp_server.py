"""An MCP server of the reference SDK, for tests: `mcp_server.py streamable-http|sse|stdio [port]`."""

import asyncio
import sys

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError

server = MCPServer("test")


@server.tool()
def add(a: int, b: int = 1) -> str:
    """Adds two numbers."""
    return str(a + b)


@server.tool()
def fail(reason: str) -> str:
    """Always fails."""
    raise ToolError(reason)


@server.tool()
async def slow(seconds: float) -> str:
    """Takes its time."""
    await asyncio.sleep(seconds)
    return "at last"


@server.tool()
def headers(name: str, ctx: Context) -> str:
    """The value of a header of this request."""
    return (ctx.headers or {}).get(name, "none")


@server.tool()
def long(size: int) -> str:
    """A long text."""
    return "x" * size


@server.tool()
async def learn(name: str, description: str, ctx: Context) -> str:
    """Gives the server another tool."""
    try:
        server.remove_tool(name)
    except Exception:
        pass  # it is new
    server.add_tool(lambda: "learned", name=name, description=description)
    await ctx.session.send_tool_list_changed()
    return "learned " + name


if __name__ == "__main__":
    if sys.argv[1] == "stdio":
        server.run("stdio")
    else:
        server.run(sys.argv[1], host="127.0.0.1", port=int(sys.argv[2]))
