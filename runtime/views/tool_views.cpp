// Tools and models.

#include "runtime/llm/models_json.hpp"
#include "runtime/llm/provider_sources.hpp"
#include "runtime/tools/tools.hpp"
#include "runtime/views/view_parts.hpp"

#include <algorithm>

namespace reverie {

namespace {

template <class Request>
bool is_wanted(const Request& request, const Tool& tool) {
  const auto among = [](const std::vector<std::string>& list, const std::string& value) {
    return std::find(list.begin(), list.end(), value) != list.end();
  };
  if (request.name && tool.name != *request.name) return false;
  if (!request.names.empty() && !among(request.names, tool.name)) return false;
  if (!request.tool_ids.empty() && !among(request.tool_ids, tool.id)) return false;
  if (!request.tool_types.empty() && !among(request.tool_types, tool.tool_type)) return false;
  if (among(request.exclude_tool_types, tool.tool_type)) return false;
  return !request.search || tool.name.find(*request.search) != std::string::npos;
}

template <class Request>
std::vector<const Tool*> wanted_tools(const Request& request) {
  std::vector<const Tool*> tools;
  for (const Tool& tool : builtin_tools())
    if (is_wanted(request, tool)) tools.push_back(&tool);
  return tools;
}

std::string tools_json(const std::vector<const Tool*>& tools, const std::string& user_id) {
  std::string out = "[";
  for (const Tool* tool : tools) {
    if (out.size() > 1) out += ',';
    append_tool_json(out, *tool, user_id);
  }
  return out += ']';
}

}  // namespace

Result<std::string> view(const ViewContext& context, const ListTools& request) {
  REVERIE_TRY(const PageRequest page, page_request(request, 50, false));
  auto tools = wanted_tools(request);
  if (page.is_ascending) std::reverse(tools.begin(), tools.end());
  cut_to_page(tools, page, [](const Tool* tool) -> const std::string& { return tool->id; });
  return tools_json(tools, context.user_id);
}

Result<std::string> view(const ViewContext&, const CountTools& request) {
  return std::to_string(wanted_tools(request).size());
}

Result<std::string> view(const ViewContext& context, const RetrieveTool& request) {
  const Tool* tool = find_builtin_tool_by_id(request.tool_id);
  if (!tool) return Error{Errc::not_found, "Tool with id '" + request.tool_id + "' not found", ""};
  std::string out;
  append_tool_json(out, *tool, context.user_id);
  return out;
}

// They are part of the program: all of them are there, always.
Result<std::string> view(const ViewContext& context, const AddBaseTools&) {
  std::vector<const Tool*> tools;
  for (const Tool& tool : builtin_tools()) tools.push_back(&tool);
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
