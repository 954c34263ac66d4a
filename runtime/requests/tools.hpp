// Requests on tools and models.

#pragma once

#include "config/json.hpp"
#include "runtime/requests/owner.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

struct ListTools {
  std::optional<std::string> before;
  std::optional<std::string> after;
  std::optional<std::int64_t> limit;
  std::optional<std::string> order;
  std::optional<std::string> order_by;
  std::optional<std::string> name;
  std::vector<std::string> names;
  std::vector<std::string> tool_ids;
  std::optional<std::string> search;
  std::vector<std::string> tool_types;
  std::vector<std::string> exclude_tool_types;
  std::optional<bool> return_only_letta_tools;

  static constexpr std::string_view type_name = "ListTools";
  static constexpr Owner owner = Owner::reader;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "before", &ListTools::before, "Id before which the page ends.").from(In::query),
      field(2, "after", &ListTools::after, "Id behind which the page starts.").from(In::query),
      field(3, "limit", &ListTools::limit, "How many to return.").from(In::query),
      field(4, "order", &ListTools::order, "asc or desc.").from(In::query),
      field(5, "order_by", &ListTools::order_by, "The field to sort by.").from(In::query),
      field(6, "name", &ListTools::name).from(In::query),
      field(7, "names", &ListTools::names).from(In::query),
      field(8, "tool_ids", &ListTools::tool_ids).from(In::query),
      field(9, "search", &ListTools::search).from(In::query),
      field(10, "tool_types", &ListTools::tool_types).from(In::query),
      field(11, "exclude_tool_types", &ListTools::exclude_tool_types).from(In::query),
      field(12, "return_only_letta_tools", &ListTools::return_only_letta_tools).from(In::query),
    };
  }
  bool operator==(const ListTools&) const = default;
};

struct CountTools {
  std::optional<std::string> name;
  std::vector<std::string> names;
  std::vector<std::string> tool_ids;
  std::optional<std::string> search;
  std::vector<std::string> tool_types;
  std::vector<std::string> exclude_tool_types;
  std::optional<bool> return_only_letta_tools;

  static constexpr std::string_view type_name = "CountTools";
  static constexpr Owner owner = Owner::reader;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "name", &CountTools::name).from(In::query),
      field(2, "names", &CountTools::names).from(In::query),
      field(3, "tool_ids", &CountTools::tool_ids).from(In::query),
      field(4, "search", &CountTools::search).from(In::query),
      field(5, "tool_types", &CountTools::tool_types).from(In::query),
      field(6, "exclude_tool_types", &CountTools::exclude_tool_types).from(In::query),
      field(7, "return_only_letta_tools", &CountTools::return_only_letta_tools).from(In::query),
    };
  }
  bool operator==(const CountTools&) const = default;
};

struct RetrieveTool {
  std::string tool_id;

  static constexpr std::string_view type_name = "RetrieveTool";
  static constexpr Owner owner = Owner::reader;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "tool_id", &RetrieveTool::tool_id).from(In::path),
    };
  }
  bool operator==(const RetrieveTool&) const = default;
};

struct AddBaseTools {
  static constexpr std::string_view type_name = "AddBaseTools";
  static constexpr Owner owner = Owner::reader;
  static constexpr auto fields() { return std::tuple{}; }
  bool operator==(const AddBaseTools&) const = default;
};

struct ListChatModels {
  std::vector<std::string> provider_category;
  std::optional<std::string> provider_name;
  std::optional<std::string> provider_type;

  static constexpr std::string_view type_name = "ListChatModels";
  static constexpr Owner owner = Owner::reader;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "provider_category", &ListChatModels::provider_category).from(In::query),
      field(2, "provider_name", &ListChatModels::provider_name).from(In::query),
      field(3, "provider_type", &ListChatModels::provider_type).from(In::query),
    };
  }
  bool operator==(const ListChatModels&) const = default;
};

struct ListEmbeddingModels {
  static constexpr std::string_view type_name = "ListEmbeddingModels";
  static constexpr Owner owner = Owner::reader;
  static constexpr auto fields() { return std::tuple{}; }
  bool operator==(const ListEmbeddingModels&) const = default;
};

// Writes a backup of all that is stored into a new directory, while the server runs.
struct CreateBackup {
  std::string path;

  static constexpr std::string_view type_name = "CreateBackup";
  static constexpr Owner owner = Owner::scanner;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "path", &CreateBackup::path, "A directory that is not there yet.").required(),
    };
  }
  bool operator==(const CreateBackup&) const = default;
};

}  // namespace reverie
