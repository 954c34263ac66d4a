#include "net/cli/settings_flags.hpp"

#include <algorithm>
#include <string_view>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace reverie {
namespace {

std::string names_of(const Option& option) {
  return option.short_flag.empty() ? option.flag()
                                   : std::string(option.short_flag) + "," + option.flag();
}

std::string placeholder_of(const Option& option) {
  if (option.unit == "s") return "SECONDS";
  if (option.unit == "bytes") return "BYTES";
  return option.type_name() == "integer" ? "N" : "TEXT";
}

std::string group_of(const Option& option) {
  return "Settings: " + std::string(option.name.substr(0, option.name.find('.')));
}

}  // namespace

void SettingsFlags::add_to(CLI::App& command) {
  command.add_option("--config", config_file_, "The settings file (REVERIE_CONFIG)")
    ->type_name("FILE");
  for (const Option& option : options()) {
    std::string& text = texts_[std::string(option.name)];
    CLI::Option* flag = option.is_boolean() ? command.add_flag(names_of(option), text)
                                            : command.add_option(names_of(option), text);
    if (!option.is_boolean()) flag->type_name(placeholder_of(option));
    flag->description(std::string(option.doc))->group(group_of(option));
  }
}

SettingsSources SettingsFlags::sources(const CLI::App& command,
                                       const Environment& environment) const {
  SettingsSources sources{{}, environment, config_file_};
  for (const auto& [name, text] : texts_)
    if (command.count(find_option(name)->flag()) > 0) sources.flags[name] = text;
  return sources;
}

std::string flag_meant_by(const std::string& word) {
  if (!word.starts_with("--")) return "";
  std::string name = word.substr(2, word.find('=') - 2);
  std::ranges::replace(name, '-', '_');
  const Option* near = find_option(nearest_option(name));
  return near == nullptr ? "" : near->flag();
}

}  // namespace reverie
