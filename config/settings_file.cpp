#include "config/settings_file.hpp"

#include <charconv>
#include <set>
#include <string_view>

#include <yaml-cpp/yaml.h>

namespace reverie {
namespace {

constexpr std::string_view providers_key = "models.providers";
constexpr std::int64_t concurrency_limit = 100'000;  // as of models.concurrency_max

class Reader {
 public:
  Reader(const std::string& file_name, const Environment& environment)
    : file_name_(file_name), environment_(environment) {}

  Status read(const YAML::Node& root) {
    if (root.IsNull() || !root.IsDefined()) return {};  // an empty file
    if (!root.IsMap()) return refuse(root, "", "the file must hold sections such as 'server:'");
    return read_map(root, "");
  }

  SettingsFile result;

 private:
  Status read_map(const YAML::Node& map, const std::string& path) {
    for (const auto& member : map) {
      const std::string& key = member.first.Scalar();
      const std::string name = path.empty() ? key : path + "." + key;
      if (name == providers_key) {
        REVERIE_CHECK(read_providers(member.second));
      } else if (member.second.IsMap()) {
        REVERIE_CHECK(read_map(member.second, name));
      } else {
        REVERIE_CHECK(read_entry(member.second, name));
      }
    }
    return {};
  }

  Status read_entry(const YAML::Node& node, const std::string& name) {
    if (!names_.insert(name).second) return refuse(node, name, "it is set twice");
    if (node.IsNull()) return {};
    SettingsFile::Entry entry{name, "", place(node), node.IsSequence()};
    if (node.IsSequence()) {
      for (const YAML::Node& item : node) {
        if (!item.IsScalar()) return refuse(item, name, "its items must be texts");
        if (!entry.text.empty()) entry.text += ',';
        entry.text += item.Scalar();
      }
    } else {
      entry.text = node.Scalar();
    }
    result.entries.push_back(std::move(entry));
    return {};
  }

  Status read_providers(const YAML::Node& node) {
    const std::string path(providers_key);
    if (node.IsNull()) return {};
    if (!node.IsMap()) return refuse(node, path, "expected a map from names to providers");
    for (const auto& member : node) {
      const std::string& name = member.first.Scalar();
      const std::string where = path + "." + name;
      if (name.empty() || name.find('/') != std::string::npos)
        return refuse(member.first, where, "a provider's name is the part of a handle before '/'");
      if (!names_.insert(where).second) return refuse(member.first, where, "it is set twice");
      REVERIE_TRY(ConfiguredProvider provider, read_provider(member.second, name, where));
      result.providers.push_back(std::move(provider));
    }
    return {};
  }

  Result<ConfiguredProvider> read_provider(const YAML::Node& node, const std::string& name,
                                           const std::string& where) {
    if (!node.IsMap()) return refuse(node, where, "expected a map with type, base_url, api_key");
    ConfiguredProvider provider;
    provider.name = name;
    provider.type = name;  // unless the file says otherwise
    for (const auto& member : node) {
      const std::string& key = member.first.Scalar();
      if (member.second.IsNull()) continue;
      if (!member.second.IsScalar()) return refuse(member.second, where + "." + key, "not a text");
      REVERIE_CHECK(read_provider_member(provider, key, member.second, where + "." + key));
    }
    return provider;
  }

  Status read_provider_member(ConfiguredProvider& provider, const std::string& key,
                              const YAML::Node& node, const std::string& where) {
    const std::string& text = node.Scalar();
    if (key == "type") {
      provider.type = text;
    } else if (key == "base_url") {
      provider.base_url = text;
    } else if (key == "api_key") {
      provider.api_key = text;
    } else if (key == "api_key_variable") {
      const auto value = environment_.get(text);
      if (!value) return refuse(node, where, "the environment has no " + text);
      provider.api_key = *value;
    } else if (key == "concurrency_max") {
      const auto [end, code] =
        std::from_chars(text.data(), text.data() + text.size(), provider.concurrency_max);
      if (code != std::errc{} || end != text.data() + text.size() || provider.concurrency_max < 1
          || provider.concurrency_max > concurrency_limit)
        return refuse(
          node, where,
          "'" + text + "' is not an integer from 1 to " + std::to_string(concurrency_limit));
    } else {
      return refuse(node, where,
                    "there is no such member of a provider; there are type, base_url, api_key, "
                    "api_key_variable and concurrency_max");
    }
    return {};
  }

  std::string place(const YAML::Node& node) const {
    return file_name_ + ":" + std::to_string(node.Mark().line + 1);
  }

  Error refuse(const YAML::Node& node, const std::string& name, std::string_view message) const {
    return {Errc::invalid_argument, std::string(message) + " (" + place(node) + ")", name};
  }

  const std::string& file_name_;
  const Environment& environment_;
  std::set<std::string> names_;
};

}  // namespace

Result<SettingsFile> parse_settings_file(const std::string& yaml, const std::string& file_name,
                                         const Environment& environment) {
  try {
    Reader reader(file_name, environment);
    REVERIE_CHECK(reader.read(YAML::Load(yaml)));
    return std::move(reader.result);
  } catch (const YAML::Exception& exception) {
    return Error{
      Errc::invalid_argument,
      exception.msg + " (" + file_name + ":" + std::to_string(exception.mark.line + 1) + ")", ""};
  }
}

}  // namespace reverie
