// Requests on memory blocks.

#pragma once

#include "config/json.hpp"
#include "runtime/requests/owner.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

struct ListBlocks {
  std::optional<std::string> before;
  std::optional<std::string> after;
  std::optional<std::int64_t> limit;
  std::optional<std::string> order;
  std::optional<std::string> order_by;
  std::optional<std::string> label;
  std::optional<bool> templates_only;
  std::optional<std::string> name;
  std::optional<std::string> identity_id;
  std::vector<std::string> identifier_keys;
  std::optional<std::string> project_id;
  std::vector<std::string> tags;
  std::optional<bool> match_all_tags;
  std::optional<std::string> label_search;
  std::optional<std::string> description_search;
  std::optional<std::string> value_search;
  std::optional<std::int64_t> connected_to_agents_count_gt;
  std::optional<std::int64_t> connected_to_agents_count_lt;
  std::vector<std::int64_t> connected_to_agents_count_eq;
  std::optional<bool> show_hidden_blocks;

  static constexpr std::string_view type_name = "ListBlocks";
  static constexpr Owner owner = Owner::scanner;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "before", &ListBlocks::before, "Id before which the page ends.").from(In::query),
      field(2, "after", &ListBlocks::after, "Id behind which the page starts.").from(In::query),
      field(3, "limit", &ListBlocks::limit, "How many to return.").from(In::query),
      field(4, "order", &ListBlocks::order, "asc or desc.").from(In::query),
      field(5, "order_by", &ListBlocks::order_by, "The field to sort by.").from(In::query),
      field(6, "label", &ListBlocks::label).from(In::query),
      field(7, "templates_only", &ListBlocks::templates_only).from(In::query),
      field(8, "name", &ListBlocks::name).from(In::query),
      field(9, "identity_id", &ListBlocks::identity_id).from(In::query),
      field(10, "identifier_keys", &ListBlocks::identifier_keys).from(In::query),
      field(11, "project_id", &ListBlocks::project_id).from(In::query),
      field(12, "tags", &ListBlocks::tags).from(In::query),
      field(13, "match_all_tags", &ListBlocks::match_all_tags).from(In::query),
      field(14, "label_search", &ListBlocks::label_search).from(In::query),
      field(15, "description_search", &ListBlocks::description_search).from(In::query),
      field(16, "value_search", &ListBlocks::value_search).from(In::query),
      field(17, "connected_to_agents_count_gt", &ListBlocks::connected_to_agents_count_gt)
        .from(In::query),
      field(18, "connected_to_agents_count_lt", &ListBlocks::connected_to_agents_count_lt)
        .from(In::query),
      field(19, "connected_to_agents_count_eq", &ListBlocks::connected_to_agents_count_eq)
        .from(In::query),
      field(20, "show_hidden_blocks", &ListBlocks::show_hidden_blocks).from(In::query),
    };
  }
  bool operator==(const ListBlocks&) const = default;
};

struct CountBlocks {
  static constexpr std::string_view type_name = "CountBlocks";
  static constexpr Owner owner = Owner::scanner;
  static constexpr auto fields() { return std::tuple{}; }
  bool operator==(const CountBlocks&) const = default;
};

struct RetrieveBlock {
  std::string block_id;

  static constexpr std::string_view type_name = "RetrieveBlock";
  static constexpr Owner owner = Owner::reader;
  const std::string& object_id() const { return block_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "block_id", &RetrieveBlock::block_id).from(In::path),
    };
  }
  bool operator==(const RetrieveBlock&) const = default;
};

struct CreateBlock {
  std::string block_id;
  std::string label;
  std::string value;
  std::int64_t limit = 100'000;
  std::optional<std::string> description;
  bool read_only = false;
  RawJson metadata{"{}"};
  std::vector<std::string> tags;
  std::optional<bool> hidden;
  bool is_template = false;
  std::optional<std::string> template_name;
  std::optional<std::string> project_id;
  std::optional<std::string> template_id;
  std::optional<std::string> base_template_id;
  std::optional<std::string> deployment_id;
  std::optional<std::string> entity_id;

  static constexpr std::string_view type_name = "CreateBlock";
  static constexpr Owner owner = Owner::block;
  const std::string& object_id() const { return block_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "block_id", &CreateBlock::block_id).from(In::server),
      field(2, "label", &CreateBlock::label).required(),
      field(3, "value", &CreateBlock::value).required(),
      field(4, "limit", &CreateBlock::limit),
      field(5, "description", &CreateBlock::description),
      field(6, "read_only", &CreateBlock::read_only),
      field(7, "metadata", &CreateBlock::metadata),
      field(8, "tags", &CreateBlock::tags),
      field(9, "hidden", &CreateBlock::hidden),
      field(10, "is_template", &CreateBlock::is_template),
      field(11, "template_name", &CreateBlock::template_name),
      field(12, "project_id", &CreateBlock::project_id),
      field(13, "template_id", &CreateBlock::template_id),
      field(14, "base_template_id", &CreateBlock::base_template_id),
      field(15, "deployment_id", &CreateBlock::deployment_id),
      field(16, "entity_id", &CreateBlock::entity_id),
    };
  }
  bool operator==(const CreateBlock&) const = default;
};

// An absent or null member keeps what is there.
struct ModifyBlock {
  std::string block_id;
  std::optional<std::string> value;
  std::optional<std::int64_t> limit;
  std::optional<std::string> label;
  std::optional<std::string> description;
  std::optional<bool> read_only;
  RawJson metadata;
  std::optional<std::vector<std::string>> tags;
  std::optional<bool> hidden;
  std::optional<std::string> project_id;
  std::optional<bool> is_template;
  std::optional<std::string> template_name;
  // Of an edit that comes from the repository of this agent's memory: made only on this version.
  std::string git_agent_id = {};
  std::int64_t version = 0;

  static constexpr std::string_view type_name = "ModifyBlock";
  static constexpr Owner owner = Owner::block;
  const std::string& object_id() const { return block_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "block_id", &ModifyBlock::block_id).from(In::path),
      field(2, "value", &ModifyBlock::value),
      field(3, "limit", &ModifyBlock::limit),
      field(4, "label", &ModifyBlock::label),
      field(5, "description", &ModifyBlock::description),
      field(6, "read_only", &ModifyBlock::read_only),
      field(7, "metadata", &ModifyBlock::metadata),
      field(8, "tags", &ModifyBlock::tags),
      field(9, "hidden", &ModifyBlock::hidden),
      field(10, "project_id", &ModifyBlock::project_id),
      field(11, "is_template", &ModifyBlock::is_template),
      field(12, "template_name", &ModifyBlock::template_name),
      field(13, "git_agent_id", &ModifyBlock::git_agent_id).from(In::server),
      field(14, "version", &ModifyBlock::version).from(In::server),
    };
  }
  bool operator==(const ModifyBlock&) const = default;
};

struct DeleteBlock {
  std::string block_id;

  static constexpr std::string_view type_name = "DeleteBlock";
  static constexpr Owner owner = Owner::block;
  const std::string& object_id() const { return block_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "block_id", &DeleteBlock::block_id).from(In::path),
    };
  }
  bool operator==(const DeleteBlock&) const = default;
};

// An agent's memory tool at work on a block of another home: done once per operation id.
struct EditBlock {
  std::string block_id;
  std::string operation_id;
  std::string tool_name;
  std::string arguments;

  static constexpr std::string_view type_name = "EditBlock";
  static constexpr Owner owner = Owner::block;
  const std::string& object_id() const { return block_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "block_id", &EditBlock::block_id).from(In::server),
      field(2, "operation_id", &EditBlock::operation_id).from(In::server),
      field(3, "tool_name", &EditBlock::tool_name).from(In::server),
      field(4, "arguments", &EditBlock::arguments).from(In::server),
    };
  }
  bool operator==(const EditBlock&) const = default;
};

struct ListBlockAgents {
  std::string block_id;
  std::optional<std::string> before;
  std::optional<std::string> after;
  std::optional<std::int64_t> limit;
  std::optional<std::string> order;
  std::optional<std::string> order_by;
  std::vector<std::string> include;
  std::vector<std::string> include_relationships;
  bool is_sdk_v1 = false;

  static constexpr std::string_view type_name = "ListBlockAgents";
  static constexpr Owner owner = Owner::scanner;
  const std::string& object_id() const { return block_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "block_id", &ListBlockAgents::block_id).from(In::path),
      field(2, "before", &ListBlockAgents::before, "Id before which the page ends.")
        .from(In::query),
      field(3, "after", &ListBlockAgents::after, "Id behind which the page starts.")
        .from(In::query),
      field(4, "limit", &ListBlockAgents::limit, "How many to return.").from(In::query),
      field(5, "order", &ListBlockAgents::order, "asc or desc.").from(In::query),
      field(6, "order_by", &ListBlockAgents::order_by, "The field to sort by.").from(In::query),
      field(7, "include", &ListBlockAgents::include).from(In::query),
      field(8, "include_relationships", &ListBlockAgents::include_relationships).from(In::query),
      field(9, "is_sdk_v1", &ListBlockAgents::is_sdk_v1).from(In::server),
    };
  }
  bool operator==(const ListBlockAgents&) const = default;
};

}  // namespace reverie
