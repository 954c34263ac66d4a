#include "runtime/git_memory/git_process.hpp"

namespace reverie {

namespace {

// Where Debian has git, and where an administrator puts a newer one.
constexpr const char* path_variable = "PATH=/usr/local/bin:/usr/bin:/bin";

std::vector<std::string> environment_of(const GitStart& what) {
  std::vector<std::string> all{
    path_variable,           "HOME=/nonexistent",           "LC_ALL=C",
    "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_TERMINAL_PROMPT=0",
    "GIT_ATTR_NOSYSTEM=1"};
  auto config = what.config;
  config.emplace_back("core.hooksPath", "/dev/null");
  config.emplace_back("core.fsmonitor", "false");
  config.emplace_back("core.fsync", "all");
  // The data directory is ours, whoever a container's volume says that it belongs to.
  config.emplace_back("safe.directory", "*");
  all.push_back("GIT_CONFIG_COUNT=" + std::to_string(config.size()));
  for (std::size_t i = 0; i < config.size(); ++i) {
    all.push_back("GIT_CONFIG_KEY_" + std::to_string(i) + "=" + config[i].first);
    all.push_back("GIT_CONFIG_VALUE_" + std::to_string(i) + "=" + config[i].second);
  }
  for (const auto& [name, value] : what.variables) all.push_back(name + "=" + value);
  return all;
}

}  // namespace

Result<ChildProcess> start_git(const GitStart& what) {
  ChildStart start;
  start.arguments = {"git"};
  start.arguments.insert(start.arguments.end(), what.arguments.begin(), what.arguments.end());
  start.environment = environment_of(what);
  start.descriptors = {what.input, what.output, what.error};
  return ChildProcess::start(start);
}

}  // namespace reverie
