#include "config/load.hpp"

#include "config/settings_file.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>

namespace reverie {
namespace {

constexpr std::string_view default_file = "reverie.yaml";

// Variables that are ours and no settings of the server: of the loader, of the client side and of
// crash tests.
constexpr std::string_view other_variables[] = {"REVERIE_CONFIG",  "REVERIE_URL",
                                                "REVERIE_API_KEY", "REVERIE_FAILPOINT",
                                                "LETTA_BASE_URL",  "LETTA_API_KEY"};

// What else the reference server's deployments set, for the database and cache it needs.
constexpr std::string_view foreign_prefixes[] = {"LETTA_", "PG_", "POSTGRES_", "REDIS_"};

Error explained(Error error, std::string_view origin) {
  error.message += " (from " + std::string(origin) + ")";
  return error;
}

Error unknown_option(std::string_view name, std::string_view origin) {
  std::string message = "there is no such option";
  if (const std::string_view near = nearest_option(name); !near.empty())
    message += "; did you mean " + std::string(near) + "?";
  return explained({Errc::invalid_argument, message, std::string(name)}, origin);
}

Status set_from(LoadedSettings& loaded, const Option& option, std::string_view text,
                std::string origin) {
  if (auto status = option.set(loaded.settings, text); !status)
    return explained(std::move(status).error(), origin);
  loaded.origins[std::string(option.name)] = std::move(origin);
  return {};
}

Status apply_file(LoadedSettings& loaded, const SettingsFile& file) {
  for (const SettingsFile::Entry& entry : file.entries) {
    const Option* option = find_option(entry.name);
    if (option == nullptr) return unknown_option(entry.name, entry.place);
    if (entry.is_list && option->type_name() != "list")
      return Error{Errc::invalid_argument,
                   "a list is not " + option->allowed() + " (from " + entry.place + ")",
                   entry.name};
    REVERIE_CHECK(set_from(loaded, *option, entry.text, entry.place));
  }
  return {};
}

// Kubernetes gives pods REVERIE_SERVER_PORT=tcp://10.0.0.1:8283 when a service is called
// reverie-server: an address of somebody, not a number for us.
bool is_service_link(const Option& option, std::string_view text) {
  return option.type_name() == "integer" && text.starts_with("tcp://");
}

Status apply_environment(LoadedSettings& loaded, const Environment& environment) {
  for (const Option& option : options()) {
    std::vector<std::string> names{option.variable()};
    names.insert(names.end(), option.aliases.begin(), option.aliases.end());
    for (const std::string& name : names) {
      const auto text = environment.get(name);
      if (!text) continue;
      if (is_service_link(option, *text)) {
        loaded.notices.push_back(name + "=" + *text + " is a service address and not used");
        continue;
      }
      REVERIE_CHECK(set_from(loaded, option, *text, name));
      break;
    }
  }
  return {};
}

Status apply_flags(LoadedSettings& loaded,
                   const std::map<std::string, std::string, std::less<>>& flags) {
  for (const auto& [name, text] : flags) {
    const Option* option = find_option(name);
    if (option == nullptr) return unknown_option(name, "the command line");
    REVERIE_CHECK(set_from(loaded, *option, text, option->flag()));
  }
  return {};
}

bool is_used(std::string_view variable) {
  if (std::ranges::find(other_variables, variable) != std::end(other_variables)) return true;
  return std::ranges::any_of(options(), [&](const Option& option) {
    return option.variable() == variable
           || std::ranges::find(option.aliases, variable) != option.aliases.end();
  });
}

void add_notice(LoadedSettings& loaded, const Environment& environment, std::string_view prefix,
                std::string_view text) {
  std::string names;
  for (const std::string& name : environment.names_with_prefix(prefix)) {
    if (is_used(name) || !environment.has(name)) continue;
    if (!names.empty()) names += ", ";
    names += name;
  }
  if (!names.empty()) loaded.notices.push_back(std::string(text) + names);
}

void notice_unused(LoadedSettings& loaded, const Environment& environment) {
  add_notice(loaded, environment, "REVERIE_", "set, but no option of this release: ");
  for (const std::string_view prefix : foreign_prefixes)
    add_notice(loaded, environment, prefix, "accepted and not needed here: ");
}

Status settle_data_dir(LoadedSettings& loaded, const Environment& environment) {
  std::string& data_dir = loaded.settings.storage.data_dir;
  if (data_dir.empty()) data_dir = "~/.reverie";
  if (data_dir != "~" && !data_dir.starts_with("~/")) return {};
  const auto home = environment.get("HOME");
  if (!home)
    return Error{Errc::invalid_argument,
                 "HOME is not set, so say where to keep the data: --data-dir DIR",
                 "storage.data_dir"};
  data_dir.replace(0, 1, *home);
  return {};
}

Status settle_path_prefix(Settings& settings) {
  std::string& prefix = settings.server.path_prefix;
  while (prefix.ends_with('/')) prefix.pop_back();
  if (prefix.empty() || prefix.starts_with('/')) return {};
  return Error{Errc::invalid_argument, "'" + prefix + "' is not a path that starts with /",
               "server.path_prefix"};
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in.is_open() || in.bad())
    return Error{Errc::not_found, "the settings file " + path + " cannot be read", "config"};
  return text;
}

}  // namespace

Result<LoadedSettings> load_settings(const SettingsSources& sources, const std::string& yaml,
                                     const std::string& file_name) {
  LoadedSettings loaded;
  loaded.config_file = file_name;
  for (const Option& option : options()) loaded.origins[std::string(option.name)] = "default";
  REVERIE_TRY(SettingsFile file, parse_settings_file(yaml, file_name, sources.environment));
  REVERIE_CHECK(apply_file(loaded, file));
  loaded.settings.models.providers = std::move(file.providers);
  REVERIE_CHECK(apply_environment(loaded, sources.environment));
  REVERIE_CHECK(apply_flags(loaded, sources.flags));
  REVERIE_CHECK(settle_data_dir(loaded, sources.environment));
  REVERIE_CHECK(settle_path_prefix(loaded.settings));
  notice_unused(loaded, sources.environment);
  return loaded;
}

Result<LoadedSettings> load_settings(const SettingsSources& sources) {
  std::string file_name = sources.config_file;
  if (file_name.empty()) file_name = sources.environment.get("REVERIE_CONFIG").value_or("");
  if (file_name.empty() && std::filesystem::exists(default_file)) file_name = default_file;
  if (file_name.empty()) return load_settings(sources, "", "");
  REVERIE_TRY(const std::string yaml, read_file(file_name));
  return load_settings(sources, yaml, file_name);
}

}  // namespace reverie
