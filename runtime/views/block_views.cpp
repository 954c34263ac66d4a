// Memory blocks.

#include "config/json_writer.hpp"
#include "runtime/views/view_parts.hpp"
#include "storage/records/block_summary.hpp"

#include <algorithm>
#include <limits>

namespace reverie {

namespace {

std::string block_key(const Block& block) {
  return key_bytes(block.org_id,
                   static_cast<std::uint64_t>(block.created_at.time_since_epoch().count()),
                   block.id);
}

// An unknown cursor is no cursor: the first page.
Result<std::optional<std::string>> cursor_key(const ViewContext& context,
                                              const std::optional<std::string>& id) {
  if (!id) return std::optional<std::string>{};
  const auto block = find_block(context, *id);
  if (block) return std::optional{block_key(*block)};
  if (block.error().code == Errc::not_found || block.error().code == Errc::invalid_argument)
    return std::optional<std::string>{};
  return block.error();
}

bool contains(std::string_view text, const std::optional<std::string>& part) {
  return !part || text.find(*part) != std::string_view::npos;
}

bool is_wanted(const ListBlocks& request, const BlockSummary& block) {
  if (block.hidden && !request.show_hidden_blocks.value_or(false)) return false;
  if (request.label && block.label != *request.label) return false;
  if (request.templates_only.value_or(false) && !block.is_template) return false;
  if (request.name && block.template_name != *request.name) return false;
  if (request.project_id && block.project_id != *request.project_id) return false;
  const auto has = [&](const std::string& tag) {
    return std::find(block.tags.begin(), block.tags.end(), tag) != block.tags.end();
  };
  if (!request.tags.empty()) {
    const bool all = request.match_all_tags.value_or(false);
    if (!(all ? std::all_of(request.tags.begin(), request.tags.end(), has)
              : std::any_of(request.tags.begin(), request.tags.end(), has)))
      return false;
  }
  return contains(block.label, request.label_search)
         && contains(block.description.value_or(""), request.description_search);
}

Result<std::int64_t> agents_with(const ViewContext& context, const std::string& block_id) {
  IndexPage rows{agents_by_block, key_bytes(context.org_id, block_id)};
  rows.limit = std::numeric_limits<std::size_t>::max();
  rows.is_ascending = true;
  std::int64_t count = 0;
  REVERIE_TRY([[maybe_unused]] const auto none,
              read_page(context.store, rows, [&](std::string_view, std::string_view) {
                ++count;
                return false;
              }));
  return count;
}

bool filters_by_agents(const ListBlocks& request) {
  return request.connected_to_agents_count_gt || request.connected_to_agents_count_lt
         || !request.connected_to_agents_count_eq.empty();
}

bool is_wanted_count(const ListBlocks& request, std::int64_t count) {
  const auto& equal = request.connected_to_agents_count_eq;
  return (!request.connected_to_agents_count_gt || count > *request.connected_to_agents_count_gt)
         && (!request.connected_to_agents_count_lt || count < *request.connected_to_agents_count_lt)
         && (equal.empty() || std::find(equal.begin(), equal.end(), count) != equal.end());
}

}  // namespace

void append_block_json(std::string& out, const Block& block) {
  JsonObjectWriter{out}
    .add("value", block.value)
    .add("limit", block.limit)
    .add("project_id", block.project_id)
    .add("template_name", block.template_name)
    .add("is_template", block.is_template)
    .add("template_id", block.template_id)
    .add("base_template_id", block.base_template_id)
    .add("deployment_id", block.deployment_id)
    .add("entity_id", block.entity_id)
    .add("preserve_on_migration", false)
    .add("label", block.label)
    .add("read_only", block.read_only)
    .add("description", block.description)
    .add("metadata", block.metadata)
    .add("hidden", block.hidden)
    .add("id", block.id)
    .add("created_by_id", block.created_by_id)
    .add("last_updated_by_id", block.last_updated_by_id)
    .add("tags", block.tags);
}

Result<Block> find_block(const ViewContext& context, const std::string& block_id) {
  auto block = Table<BlockTable>{context.store}.get({block_id});
  if (block && block->value.org_id == context.org_id) return std::move(block->value);
  if (!block && block.error().code != Errc::not_found) return std::move(block).error();
  return Error{Errc::not_found, "Block with id '" + block_id + "' not found", ""};
}

Result<std::string> view(const ViewContext& context, const RetrieveBlock& request) {
  REVERIE_TRY(const Block block, find_block(context, request.block_id));
  std::string out;
  append_block_json(out, block);
  return out;
}

Result<std::string> view(const ViewContext& context, const CountBlocks&) {
  rocksdb::PinnableSlice count;
  const auto status = context.store.db().Get(
    {}, context.store.family(counts), key_bytes(context.org_id, std::string("blocks")), &count);
  if (status.IsNotFound()) return std::string("0");
  if (!status.ok()) return from_rocksdb(status, counts);
  REVERIE_TRY(const std::int64_t number, index_count(count.ToStringView(), counts));
  return std::to_string(number);
}

Result<std::string> view(const ViewContext& context, const ListBlocks& request) {
  REVERIE_TRY(const PageRequest page, page_request(request, 50, true));
  IndexPage rows{blocks_by_created, key_bytes(context.org_id)};
  REVERIE_TRY(rows.after, cursor_key(context, page.after));
  REVERIE_TRY(rows.before, cursor_key(context, page.before));
  rows.limit = page.limit;
  rows.is_ascending = page.is_ascending;
  std::optional<Error> failure;
  const auto keep = [&](std::string_view key, std::string_view value) {
    const auto summary = decode<BlockSummary>(value);
    if (!summary || !is_wanted(request, *summary)) return false;
    const std::string id = last_id(key, Prefix::block);
    if (request.value_search) {
      const auto block = find_block(context, id);
      if (!block || !contains(block->value, request.value_search)) return false;
    }
    if (!filters_by_agents(request)) return true;
    const auto count = agents_with(context, id);
    if (!count) failure = count.error();
    return count && is_wanted_count(request, *count);
  };
  REVERIE_TRY(const auto found, read_page(context.store, rows, keep));
  if (failure) return *std::move(failure);
  std::string out = "[";
  for (const IndexRow& row : found) {
    const auto block = find_block(context, last_id(row.key, Prefix::block));
    if (!block) continue;  // deleted meanwhile
    if (out.size() > 1) out += ',';
    append_block_json(out, *block);
  }
  return out += ']';
}

Result<std::string> view(const ViewContext& context, const ListBlockAgents& request) {
  REVERIE_TRY(const Block block, find_block(context, request.block_id));
  REVERIE_TRY(const PageRequest page, page_request(request, 50, false));
  IndexPage rows{agents_by_block, key_bytes(context.org_id, block.id)};
  if (page.after) rows.after = key_bytes(context.org_id, block.id, *page.after);
  if (page.before) rows.before = key_bytes(context.org_id, block.id, *page.before);
  rows.limit = page.limit;
  rows.is_ascending = page.is_ascending;
  REVERIE_TRY(const auto found, read_page(context.store, rows,
                                          [](std::string_view, std::string_view) { return true; }));
  return agents_json(context, found, includes_of(request));
}

}  // namespace reverie
