// What an MCP server may send, from any bytes: lines of messages, and what is made of them.

#include "runtime/mcp/json_rpc.hpp"
#include "runtime/mcp/mcp_messages.hpp"
#include "runtime/mcp/mcp_schema.hpp"
#include "tests/fuzz/input.hpp"

#include <string>
#include <vector>

namespace {

using reverie::Json;
using reverie::RpcMessage;
using reverie::testing::claim;

struct Lines {
  std::vector<std::string> lines;
  bool is_refused = false;

  bool operator==(const Lines&) const = default;
};

Lines lines_of(const std::vector<std::string_view>& slices, std::size_t line_bytes_max) {
  Lines out;
  reverie::RpcLines reader(line_bytes_max);
  for (const std::string_view slice : slices)
    if (!out.is_refused)
      out.is_refused = !reader.feed(slice, [&](std::string_view line) {
        claim(line.size() <= line_bytes_max, "a line is not longer than the limit");
        out.lines.emplace_back(line);
      });
  return out;
}

void look_at_schema(const reverie::RawJson& given) {
  const auto once = reverie::normalised_schema(given);
  if (once.health == reverie::McpSchemaHealth::invalid) return;
  const Json schema = Json::parse(once.parameters.text);
  claim(schema.at("type") == "object" && schema.at("properties").is_object(),
        "a schema is that of an object");
  claim(reverie::normalised_schema(once.parameters).parameters == once.parameters,
        "what is normal stays as it is");
}

void look_at(const RpcMessage& message) {
  if (message.kind != RpcMessage::Kind::result) return;
  if (auto info = reverie::read_initialize(message.result))
    claim(!info->version.empty(), "a version");
  const reverie::McpListLimits limits{3, 200};
  reverie::McpToolList list;
  if (reverie::add_tools(list, message.result, limits)) {
    claim(list.tools.size() <= limits.tools_max, "a list has a bound");
    for (const auto& tool : list.tools) {
      claim(!tool.name.empty(), "a tool has a name");
      claim(tool.input_schema.text.size() <= limits.tool_bytes_max, "a tool has a bound");
      look_at_schema(tool.input_schema);
      const std::string name = reverie::mcp_tool_name(tool.name, tool.name, 3);
      claim(!name.empty() && name.size() <= 48, "a name that models take");
    }
  }
  claim(!reverie::outcome_of_mcp("tool", message.result).text.empty(), "a model is told something");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = reverie::testing::sliced(reverie::testing::view(data, size));
  for (const std::size_t line_bytes_max : {std::size_t{48}, std::size_t{1} << 20}) {
    const Lines whole = lines_of({input.whole}, line_bytes_max);
    claim(whole == lines_of(input.slices, line_bytes_max), "the cuts do not matter");
    for (const std::string& line : whole.lines)
      if (const auto messages = reverie::read_rpc(line))
        for (const RpcMessage& message : *messages) look_at(message);
  }
  return 0;
}
