// Tools and models.

#include "config/json_writer.hpp"
#include "runtime/llm/models_json.hpp"
#include "runtime/llm/provider_sources.hpp"
#include "runtime/tools/stored_tools.hpp"
#include "runtime/tools/tool_search.hpp"
#include "runtime/tools/tools.hpp"
#include "runtime/views/view_parts.hpp"

#include <algorithm>
#include <limits>

namespace reverie {

namespace {

bool is_among(const std::vector<std::string>& list, const std::string& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

template <class Request>
bool is_wanted(const Request& request, const std::string& id, const ToolSummary& tool) {
  if (request.name && tool.name != *request.name) return false;
  if (!request.names.empty() && !is_among(request.names, tool.name)) return false;
  if (!request.tool_ids.empty() && !is_among(request.tool_ids, id)) return false;
  if (!request.tool_types.empty() && !is_among(request.tool_types, tool.tool_type)) return false;
  if (is_among(request.exclude_tool_types, tool.tool_type)) return false;
  if (request.return_only_letta_tools.value_or(false) && !tool.tool_type.starts_with("letta_"))
    return false;
  return !request.search || tool.name.find(*request.search) != std::string::npos;
}

template <class Request>
KeepRow wanted_rows(const Request& request) {
  return [&request](std::string_view key, std::string_view value) {
    const auto summary = decode<ToolSummary>(value);
    return summary && is_wanted(request, last_id(key, Prefix::tool), *summary);
  };
}

template <class Request>
std::vector<ToolPointer> wanted_builtins(const Request& request) {
  std::vector<ToolPointer> tools;
  for (const Tool& tool : builtin_tools())
    if (is_wanted(request, tool.id, {tool.name, tool.tool_type})) tools.push_back(unowned(tool));
  return tools;
}

std::string tools_json(const std::vector<ToolPointer>& tools, const std::string& user_id) {
  std::string out = "[";
  for (const ToolPointer& tool : tools) {
    if (out.size() > 1) out += ',';
    append_tool_json(out, *tool, user_id);
  }
  return out += ']';
}

Status add_tools(const ViewContext& context, const std::vector<IndexRow>& rows,
                 std::vector<ToolPointer>& tools) {
  std::vector<std::string> ids;
  for (const IndexRow& row : rows) ids.push_back(last_id(row.key, Prefix::tool));
  REVERIE_TRY(const auto found, tools_of(context, ids));
  tools.insert(tools.end(), found.begin(), found.end());
  return {};
}

// The list is the organisation's own tools, newest first, and behind them those that are built in,
// which are older than any of them, by name. This is a part of it from behind `after` up to
// `until`, forwards or backwards.
struct Stretch {
  std::optional<std::string> after;
  std::optional<std::string> until;
  std::size_t limit = 0;
  bool is_newest_first = true;
};

// The place of a tool in the index; nothing for a built-in one and one that is not there.
Result<std::optional<std::string>> key_of(const ViewContext& context,
                                          const std::optional<std::string>& id) {
  if (!id || find_builtin_tool_by_id(*id)) return std::optional<std::string>{};
  const auto tool = read_tool(context.store, context.org_id, *id);
  if (tool) return std::optional{created_key(context.org_id, (*tool)->custom->created_at, *id)};
  if (tool.error().code == Errc::not_found) return std::optional<std::string>{};
  return tool.error();
}

Result<std::vector<ToolPointer>> read_stretch(const ViewContext& context, const ListTools& request,
                                              const Stretch& stretch) {
  const auto is_builtin = [](const std::optional<std::string>& id) {
    return id && find_builtin_tool_by_id(*id) != nullptr;
  };
  REVERIE_TRY(const auto after_key, key_of(context, stretch.after));
  REVERIE_TRY(const auto until_key, key_of(context, stretch.until));
  std::vector<ToolPointer> tools;
  const auto add_own = [&]() -> Status {
    IndexPage page{tools_by_created, key_bytes(context.org_id)};
    page.after = after_key;
    // Of the last one on, read_page would read against the order.
    if (after_key) page.before = until_key;
    page.is_ascending = !stretch.is_newest_first;
    page.limit = stretch.limit - tools.size();
    auto keep = wanted_rows(request);
    if (until_key && !after_key) {
      const auto wanted = std::move(keep);
      keep = [&, wanted](std::string_view key, std::string_view value) {
        const bool is_before = stretch.is_newest_first ? key > *until_key : key < *until_key;
        return is_before && wanted(key, value);
      };
    }
    REVERIE_TRY(const auto rows, read_page(context.store, page, keep));
    return add_tools(context, rows, tools);
  };
  const auto add_builtins = [&] {
    auto builtins = wanted_builtins(request);
    if (!stretch.is_newest_first) std::reverse(builtins.begin(), builtins.end());
    PageRequest page;
    page.after = stretch.after;
    page.before = stretch.until;
    page.limit = stretch.limit - tools.size();
    cut_to_page(builtins, page,
                [](const ToolPointer& tool) -> const std::string& { return tool->id; });
    tools.insert(tools.end(), builtins.begin(), builtins.end());
  };
  // The half that is passed, or not reached, is left out.
  if (stretch.is_newest_first) {
    if (!is_builtin(stretch.after)) REVERIE_CHECK(add_own());
    if (!until_key && tools.size() < stretch.limit) add_builtins();
  } else {
    if (!after_key) add_builtins();
    if (!is_builtin(stretch.until) && tools.size() < stretch.limit) REVERIE_CHECK(add_own());
  }
  return tools;
}

}  // namespace

Result<std::string> view(const ViewContext& context, const ListTools& request) {
  REVERIE_TRY(const PageRequest page, page_request(request, 50, false));
  const bool is_backwards = page.is_backwards();
  Stretch stretch{page.after, page.before, page.limit, page.is_ascending == is_backwards};
  if (is_backwards) stretch = {page.before, {}, page.limit, stretch.is_newest_first};
  REVERIE_TRY(auto tools, read_stretch(context, request, stretch));
  if (is_backwards) std::reverse(tools.begin(), tools.end());
  return tools_json(tools, context.user_id);
}

Result<std::string> view(const ViewContext& context, const CountTools& request) {
  IndexPage all{tools_by_created, key_bytes(context.org_id)};
  all.limit = std::numeric_limits<std::size_t>::max();
  REVERIE_TRY(const auto own, read_page(context.store, all, wanted_rows(request)));
  return std::to_string(own.size() + wanted_builtins(request).size());
}

Result<std::string> view(const ViewContext& context, const RetrieveTool& request) {
  REVERIE_TRY(const ToolPointer tool, read_tool(context.store, context.org_id, request.tool_id));
  std::string out;
  append_tool_json(out, *tool, context.user_id);
  return out;
}

// Words alone: tools have no embeddings here, whatever the mode.
Result<std::string> view(const ViewContext& context, const SearchTools& request) {
  std::vector<ToolPointer> tools;
  IndexPage all{tools_by_created, key_bytes(context.org_id)};
  all.limit = std::numeric_limits<std::size_t>::max();
  REVERIE_TRY(const auto rows, read_page(context.store, all, [](auto, auto) { return true; }));
  REVERIE_CHECK(add_tools(context, rows, tools));
  for (const Tool& tool : builtin_tools()) tools.push_back(unowned(tool));
  std::erase_if(tools, [&](const ToolPointer& tool) {
    const auto tags = tool->custom ? tool->custom->tags : std::vector{tool->tool_type};
    const auto has_tag = [&](const std::string& tag) { return is_among(tags, tag); };
    if (request.tool_types && !request.tool_types->empty()
        && !is_among(*request.tool_types, tool->tool_type))
      return true;
    return request.tags && !request.tags->empty()
           && std::none_of(request.tags->begin(), request.tags->end(), has_tag);
  });
  const auto found =
    search_tools(tools, request.query.value_or(""), static_cast<std::size_t>(request.limit));
  std::string out = "[";
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (i > 0) out += ',';
    JsonObjectWriter match{out};
    match.begin("tool");
    append_tool_json(out, *found[i].tool, context.user_id);
    match.add_null("embedded_text");
    match.add("fts_rank",
              found[i].score > 0 ? std::optional{static_cast<std::int64_t>(i + 1)} : std::nullopt);
    match.add_null("vector_rank").add("combined_score", found[i].score);
  }
  return out += ']';
}

// They are part of the program: all of them are there, always.
Result<std::string> view(const ViewContext& context, const AddBaseTools&) {
  std::vector<ToolPointer> tools;
  for (const Tool& tool : builtin_tools()) tools.push_back(unowned(tool));
  return tools_json(tools, context.user_id);
}

Result<std::string> view(const ViewContext& context, const ListChatModels& request) {
  auto models = context.providers.list();
  std::erase_if(models, [&](const ModelInfo& model) {
    const auto& categories = request.provider_category;
    return (request.provider_name && shown_provider_name(model.provider) != *request.provider_name)
           || (request.provider_type && model.provider_type != *request.provider_type)
           || (!categories.empty()
               && std::find(categories.begin(), categories.end(), "base") == categories.end());
  });
  return models_json(models);
}

Result<std::string> view(const ViewContext& context, const ListEmbeddingModels&) {
  return embedding_models_json(context.providers.list_embeddings());
}

}  // namespace reverie
