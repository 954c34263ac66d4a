// All tools of an organisation: those that are built in, and its own records.

#pragma once

#include "config/error.hpp"
#include "runtime/tools/tool.hpp"
#include "storage/store.hpp"

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace reverie {

// Errors of both: not_found, also when it belongs to another organisation; corruption,
// unavailable.
Result<ToolPointer> read_tool(const Store& store, const std::string& org_id,
                              const std::string& tool_id);
Result<ToolPointer> read_tool_named(const Store& store, const std::string& org_id,
                                    const std::string& name);

// The tools that agents use now, each in memory once, however many agents have it. Thread-safe.
class ToolCache {
 public:
  // `store` outlives the cache.
  explicit ToolCache(const Store& store) : store_(store) {}

  // Grows when any tool may have changed: what was got before is current while it is the same. One
  // read of memory.
  std::uint32_t version() const { return store_.home_versions().of(Home::global); }

  // Those of `tool_ids` that are there, in their order; a deleted one is passed over. Built-in ones
  // cost nothing, a record is read when nobody uses it or something has changed. Errors:
  // corruption, unavailable.
  Result<std::vector<ToolPointer>> tools(const std::string& org_id,
                                         const std::vector<std::string>& tool_ids);

 private:
  struct Entry {
    std::uint32_t version = 0;
    std::weak_ptr<const Tool> tool;  // of those who use it
  };

  Result<ToolPointer> find(const std::string& org_id, const std::string& tool_id);
  void drop_unused();

  const Store& store_;
  std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;  // by tool id
  std::size_t dropped_at_ = 64;  // entries; beyond it those that nobody uses are looked for
};

}  // namespace reverie
