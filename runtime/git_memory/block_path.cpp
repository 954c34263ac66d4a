#include "runtime/git_memory/block_path.hpp"

#include "runtime/text.hpp"

#include <algorithm>

namespace reverie {

namespace {

constexpr std::string_view extension = ".md";
constexpr std::string_view skills_prefix = "skills/";
constexpr std::string_view skill_suffix = "/SKILL.md";
constexpr std::size_t name_bytes_max = 255;    // of one name, on every file system in use
constexpr std::size_t path_bytes_max = 1'024;  // the longest path of macOS

Error refused(std::string_view label, std::string_view reason) {
  // A label that is too long or no text would make the sentence useless.
  const std::string shown = label.size() <= name_bytes_max && is_utf8(label)
                              ? "the label '" + std::string(label) + "'"
                              : std::string("the label");
  return {Errc::invalid_argument,
          shown + " cannot be a file of git-backed memory: " + std::string(reason), "label"};
}

bool starts_with_ignoring_case(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size()
         && std::equal(lower.begin(), lower.end(), text.begin(), [](char want, char have) {
              return (have >= 'A' && have <= 'Z' ? have + 32 : have) == want;
            });
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

// Why a part of a path is none; empty when it is fine.
std::string_view wrong_name(std::string_view name, bool is_directory) {
  if (name.empty()) return "it has an empty part";
  if (name == "." || name == "..") return "it has a part '.' or '..'";
  if (name.size() > name_bytes_max) return "a part of it is longer than 255 bytes";
  // What git keeps for itself, and what Windows takes for it.
  if (starts_with_ignoring_case(name, ".git") || starts_with_ignoring_case(name, "git~"))
    return "a part of it starts with '.git' or 'git~'";
  if (std::any_of(name.begin(), name.end(), is_control)) return "it has a control character";
  if (name.find('\\') != std::string_view::npos) return "it has a backslash";
  // "a.md/b" would want a directory where "a" has its file.
  if (is_directory && name.ends_with(extension)) return "a directory in it ends in '.md'";
  return {};
}

std::string_view wrong_path(std::string_view path) {
  if (path.size() > path_bytes_max) return "it is longer than 1,024 bytes";
  if (!is_utf8(path)) return "it is no UTF-8 text";
  for (;;) {
    const std::size_t slash = path.find('/');
    const bool is_directory = slash != std::string_view::npos;
    if (const auto reason = wrong_name(path.substr(0, slash), is_directory); !reason.empty())
      return reason;
    if (!is_directory) return {};
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

Result<std::string> path_of_label(std::string_view label) {
  std::string path(label);
  // Checked before the extension is put behind it: "" would be the file ".md".
  if (label.empty() || label.ends_with('/')) return refused(label, "it has an empty part");
  if (label == "." || label.ends_with("/.") || label == ".." || label.ends_with("/.."))
    return refused(label, "it has a part '.' or '..'");
  if (label.starts_with(skills_prefix)) {
    if (label.find('/', skills_prefix.size()) != std::string_view::npos)
      return refused(label, "below skills/ there are only 'skills/{name}'");
    path += skill_suffix;
  } else {
    path += extension;
  }
  if (const auto reason = wrong_path(path); !reason.empty()) return refused(label, reason);
  return path;
}

std::optional<std::string> label_of_file(std::string_view path) {
  std::string_view label = path;
  if (label.starts_with(skills_prefix)) {
    if (!label.ends_with(skill_suffix)) return std::nullopt;
    label.remove_suffix(std::min(skill_suffix.size(), label.size()));
  } else {
    if (!label.ends_with(extension)) return std::nullopt;
    label.remove_suffix(extension.size());
  }
  const auto back = path_of_label(label);
  if (!back || *back != path) return std::nullopt;
  return std::string(label);
}

}  // namespace reverie
