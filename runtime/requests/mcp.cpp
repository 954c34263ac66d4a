#include "runtime/requests/mcp.hpp"

namespace reverie {

Status RunMcpTool::validate(const RunMcpTool& request) {
  if (request.args.is_null() || request.args.text.starts_with('{')) return {};
  return expected("object", Json::parse(request.args.text, nullptr, false)).in("args");
}

}  // namespace reverie
