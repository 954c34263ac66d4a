#include "runtime/prompt/memory_filesystem.hpp"

#include <algorithm>
#include <map>
#include <memory>

namespace reverie {

namespace {

constexpr std::string_view system_prefix = "system/";
constexpr std::string_view skills_prefix = "skills/";
constexpr std::string_view self_label = "system/persona";

// A part of a label. One may be a block and have others below it: "a" and "a/b".
struct Node {
  const Block* block = nullptr;
  std::map<std::string, Node, std::less<>> children;
};

void add(Node& root, std::string_view path, const Block& block) {
  Node* node = &root;
  for (;;) {
    const std::size_t slash = path.find('/');
    node = &node->children[std::string(path.substr(0, slash))];
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  node->block = &block;
}

std::string one_line(std::string text) {
  std::replace_if(
    text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return text;
}

// Only the first line of the value is indented: all others are the file's own, byte for byte.
void append_file(std::string& out, const Block& block, const std::string& indent) {
  out += indent + "<projection>$MEMORY_DIR/" + block.label + ".md</projection>\n";
  if (block.description && !block.description->empty())
    out += indent + "<description>" + one_line(*block.description) + "</description>\n";
  out += indent + block.value + "\n";
}

void append_tags(std::string& out, const Node& parent, const std::string& indent) {
  for (const auto& [name, node] : parent.children) {
    out += indent + "<" + name + ">\n";
    if (node.block) append_file(out, *node.block, indent + "  ");
    append_tags(out, node, indent + "  ");
    out += indent + "</" + name + ">\n";
  }
}

struct Entry {
  std::string name;
  const Node* directory = nullptr;  // null: a file
};

// Directories first, then files, each in the order of their names.
void append_tree(std::string& out, const Node& parent, const std::string& indent) {
  std::vector<Entry> entries;
  for (const auto& [name, node] : parent.children)
    if (!node.children.empty()) entries.push_back({name + "/", &node});
  for (const auto& [name, node] : parent.children)
    if (node.block) entries.push_back({name + ".md"});
  for (const Entry& entry : entries) {
    const bool is_last = &entry == &entries.back();
    out.append(indent).append(is_last ? "└── " : "├── ").append(entry.name).append("\n");
    if (entry.directory) append_tree(out, *entry.directory, indent + (is_last ? "    " : "│   "));
  }
}

}  // namespace

std::string memory_filesystem_text(const std::vector<const Block*>& blocks) {
  const Block* self = nullptr;
  Node memory, external;
  for (const Block* block : blocks) {
    const std::string_view label = block->label;
    if (label == self_label)
      self = block;
    else if (label.starts_with(system_prefix))
      add(memory, label.substr(system_prefix.size()), *block);
    else if (!label.starts_with(skills_prefix))
      add(external, label, *block);
  }
  if (!self && memory.children.empty()) return {};

  std::string out(memory_filesystem_reminder);
  out += "\n\n";
  if (self) {
    out += "<self>\n";
    append_file(out, *self, "");
    out += "</self>\n\n";
  }
  out += "<memory>\n";
  append_tags(out, memory, "  ");
  if (!external.children.empty()) {
    out += "<external_projection>\n${MEMORY_DIR}/\n";
    append_tree(out, external, "");
    out += "</external_projection>\n";
  }
  return out + "</memory>";
}

}  // namespace reverie
