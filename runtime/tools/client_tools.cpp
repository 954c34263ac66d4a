#include "runtime/tools/client_tools.hpp"

#include "config/json.hpp"

#include <map>
#include <set>
#include <utility>

namespace reverie {

namespace {

constexpr std::string_view no_parameters = R"({"type":"object","properties":{}})";
constexpr std::size_t name_size_max = 64;  // of the vendors' tools

Result<std::string> read_text(const Json& json, const char* name, bool is_required) {
  const auto found = json.find(name);
  if (found == json.end() || found->is_null()) {
    if (is_required) return Error{Errc::invalid_argument, "field required", name};
    return std::string();
  }
  if (!found->is_string()) return expected("string", *found).in(name);
  return found->get<std::string>();
}

// Calls `read` with each object of the list.
template <class Read>
Status for_each_object(const RawJson& json, Read&& read) {
  if (json.is_null()) return {};
  const Json list = Json::parse(json.text, nullptr, false);
  if (!list.is_array()) return expected("array", list);
  for (std::size_t i = 0; i < list.size(); ++i) {
    Status done = list[i].is_object() ? read(list[i]) : Status{expected("object", list[i])};
    if (!done) return std::move(done).error().in(std::to_string(i));
  }
  return {};
}

// The directory that holds the skill's own.
std::string root_of(const Skill& skill) {
  std::string_view path = skill.location;
  for (int up = 0; up < 2; ++up) {
    const std::size_t slash = path.find_last_of('/');
    path = path.substr(0, slash == std::string_view::npos ? 0 : slash);
  }
  return std::string(path.empty() ? std::string_view("/") : path);
}

}  // namespace

Result<std::vector<Tool>> read_client_tools(const RawJson& json) {
  std::vector<Tool> tools;
  std::set<std::string> names;
  REVERIE_CHECK(for_each_object(json, [&](const Json& each) -> Status {
    Tool tool;
    REVERIE_TRY(tool.name, read_text(each, "name", true));
    if (tool.name.empty() || tool.name.size() > name_size_max)
      return Error{Errc::invalid_argument, "expected 1 to 64 characters", "name"};
    if (!names.insert(tool.name).second)
      return Error{Errc::invalid_argument, "'" + tool.name + "' is there twice", "name"};
    REVERIE_TRY(tool.description, read_text(each, "description", false));
    const auto parameters = each.find("parameters");
    tool.parameters = RawJson{std::string(no_parameters)};
    if (parameters != each.end() && !parameters->is_null()) {
      if (!parameters->is_object()) return expected("object", *parameters).in("parameters");
      tool.parameters = RawJson{parameters->dump()};
    }
    tools.push_back(std::move(tool));
    return {};
  }));
  return tools;
}

Result<std::vector<Skill>> read_client_skills(const RawJson& json) {
  std::vector<Skill> skills;
  REVERIE_CHECK(for_each_object(json, [&](const Json& each) -> Status {
    Skill skill;
    REVERIE_TRY(skill.name, read_text(each, "name", true));
    REVERIE_TRY(skill.description, read_text(each, "description", true));
    REVERIE_TRY(skill.location, read_text(each, "location", true));
    skills.push_back(std::move(skill));
    return {};
  }));
  return skills;
}

std::string available_skills(std::span<const Skill> skills) {
  if (skills.empty()) return {};
  std::map<std::string, std::map<std::string, const Skill*>> roots;
  for (const Skill& skill : skills) roots[root_of(skill)].emplace(skill.name, &skill);
  std::string out = "<available_skills>\n";
  for (const auto& [root, members] : roots) {
    out += root + '\n';
    for (const auto& [name, skill] : members) {
      const bool is_last = skill == members.rbegin()->second;
      out += is_last ? "└── " : "├── ";
      out += name + "/\n";
      out += is_last ? "    " : "│   ";
      out += "└── SKILL.md (" + skill->description + ")\n";
    }
  }
  return out + "</available_skills>";
}

}  // namespace reverie
