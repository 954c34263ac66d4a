// Tools and skills that a client brings along with a message: it runs the tools itself, and the
// agent's model reads the skills on the client's side. Both last for one request.

#pragma once

#include "config/error.hpp"
#include "config/raw_json.hpp"
#include "runtime/tools/tool.hpp"

#include <span>
#include <string>
#include <vector>

namespace reverie {

// [{"name", "description", "parameters"}, ...] or null. Errors: invalid_argument, with the path.
Result<std::vector<Tool>> read_client_tools(const RawJson& json);

struct Skill {
  std::string name;
  std::string description;
  std::string location;  // of its SKILL.md, on the client's side
};

// [{"name", "description", "location"}, ...] or null. Errors: invalid_argument, with the path.
Result<std::vector<Skill>> read_client_skills(const RawJson& json);

// What the system message says of them; empty without any. Grouped by the directory that holds
// them, in the order of their names.
std::string available_skills(std::span<const Skill> skills);

}  // namespace reverie
