#include "runtime/tools/stored_tools.hpp"

#include "config/ids.hpp"
#include "runtime/tools/tools.hpp"
#include "storage/tables/tool_table.hpp"

#include <algorithm>
#include <utility>

namespace reverie {

namespace {

Error no_tool(const std::string& tool_id) {
  return {Errc::not_found, "Tool with id '" + tool_id + "' not found", ""};
}

}  // namespace

Result<ToolPointer> read_tool(const Store& store, const std::string& org_id,
                              const std::string& tool_id) {
  if (const Tool* builtin = find_builtin_tool_by_id(tool_id)) return unowned(*builtin);
  auto stored = Table<ToolTable>{store}.get({tool_id});
  if (!stored) {
    const Errc code = stored.error().code;
    if (code == Errc::not_found || code == Errc::invalid_argument) return no_tool(tool_id);
    return std::move(stored).error();
  }
  if (stored->value.org_id != org_id) return no_tool(tool_id);
  return make_tool(std::move(stored->value));
}

Result<ToolPointer> read_tool_named(const Store& store, const std::string& org_id,
                                    const std::string& name) {
  if (const Tool* builtin = find_builtin_tool(name)) return unowned(*builtin);
  auto named = Table<ToolNameTable>{store}.get({org_id, name});
  if (named) return read_tool(store, org_id, named->value.tool_id);
  if (named.error().code != Errc::not_found) return std::move(named).error();
  return Error{Errc::not_found, "Tool with name '" + name + "' not found", ""};
}

Result<std::vector<ToolPointer>> ToolCache::tools(const std::string& org_id,
                                                  const std::vector<std::string>& tool_ids) {
  std::vector<ToolPointer> found;
  for (const std::string& id : tool_ids) {
    if (const Tool* builtin = find_builtin_tool_by_id(id)) {
      found.push_back(unowned(*builtin));
      continue;
    }
    auto tool = find(org_id, id);
    if (tool)
      found.push_back(*std::move(tool));
    else if (tool.error().code != Errc::not_found)
      return std::move(tool).error();
  }
  return found;
}

// Two who miss at once both read, and the second one's is kept.
Result<ToolPointer> ToolCache::find(const std::string& org_id, const std::string& tool_id) {
  const std::uint32_t now = version();
  {
    const std::lock_guard lock{mutex_};
    const auto entry = entries_.find(tool_id);
    if (entry != entries_.end() && entry->second.version == now)
      if (ToolPointer tool = entry->second.tool.lock(); tool && tool->custom->org_id == org_id)
        return tool;
  }
  REVERIE_TRY(ToolPointer tool, read_tool(store_, org_id, tool_id));
  const std::lock_guard lock{mutex_};
  Entry& entry = entries_[tool_id];
  // What is still the same stays the one that others have.
  if (ToolPointer before = entry.tool.lock(); before && *before->custom == *tool->custom)
    tool = std::move(before);
  entry = {now, tool};
  drop_unused();
  return tool;
}

void ToolCache::drop_unused() {
  if (entries_.size() < dropped_at_) return;
  std::erase_if(entries_, [](const auto& entry) { return entry.second.tool.expired(); });
  dropped_at_ = std::max<std::size_t>(64, 2 * entries_.size());
}

}  // namespace reverie
