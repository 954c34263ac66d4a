// memory: one tool with a command for each kind of edit.

#include "runtime/tools/builtin_tool.hpp"
#include "runtime/tools/memory_edits.hpp"
#include "runtime/tools/memory_path.hpp"

#include <optional>
#include <string>
#include <utility>

namespace reverie {

namespace {

// A member that a command needs. Errors: invalid_argument.
Result<std::string> needed(const Json& arguments, std::string_view name) {
  auto text = text_argument(arguments, name);
  if (!text)
    return Error{Errc::invalid_argument,
                 "The command " + arguments.value("command", std::string()) + " needs the argument "
                   + std::string(name) + ".",
                 ""};
  return *std::move(text);
}

Result<std::string> needed_label(const Json& arguments, std::string_view name) {
  REVERIE_TRY(const std::string path, needed(arguments, name));
  return label_of_path(path);
}

Result<std::string> create(const Json& arguments, NativeToolContext& context) {
  REVERIE_TRY(const std::string label, needed_label(arguments, "path"));
  REVERIE_TRY(std::string description, needed(arguments, "description"));
  REVERIE_CHECK(check_label_is_free(context.memory, label));
  REVERIE_TRY(Block block, make_block(label, text_argument(arguments, "file_text").value_or(""),
                                      std::move(description), context));
  context.memory.create(std::move(block));
  return "Created the memory block `" + label + "`.";
}

Result<std::string> str_replace(const Json& arguments, NativeToolContext& context) {
  REVERIE_TRY(const std::string label, needed_label(arguments, "path"));
  REVERIE_TRY(const std::string old_text, needed(arguments, "old_string"));
  REVERIE_TRY(const std::string new_text, needed(arguments, "new_string"));
  REVERIE_TRY(const Block* block, find_editable(context.memory, label));
  REVERIE_TRY(std::string value, replace_once(label, block->value, old_text, new_text));
  context.memory.set_value(label, value, context.now);
  return value;
}

Result<std::string> insert(const Json& arguments, NativeToolContext& context) {
  REVERIE_TRY(const std::string label, needed_label(arguments, "path"));
  REVERIE_TRY(const std::string text, needed(arguments, "insert_text"));
  REVERIE_TRY(const Block* block, find_editable(context.memory, label));
  REVERIE_TRY(std::string value,
              insert_lines(block->value, text, integer_argument(arguments, "insert_line", -1)));
  context.memory.set_value(label, value, context.now);
  return value;
}

Result<std::string> remove(const Json& arguments, NativeToolContext& context) {
  REVERIE_TRY(const std::string label, needed_label(arguments, "path"));
  REVERIE_CHECK(find_editable(context.memory, label));
  context.memory.detach(label);
  return "Removed the memory block `" + label + "`.";
}

// With old_path and new_path the label changes, with path and description the description.
Result<std::string> rename(const Json& arguments, NativeToolContext& context) {
  if (text_argument(arguments, "old_path") || text_argument(arguments, "new_path")) {
    REVERIE_TRY(const std::string label, needed_label(arguments, "old_path"));
    REVERIE_TRY(const std::string new_label, needed_label(arguments, "new_path"));
    REVERIE_CHECK(find_editable(context.memory, label));
    REVERIE_CHECK(check_label(new_label));
    REVERIE_CHECK(check_label_is_free(context.memory, new_label));
    context.memory.rename(label, new_label, context.now);
    return "Renamed the memory block `" + label + "` to `" + new_label + "`.";
  }
  REVERIE_TRY(const std::string label, needed_label(arguments, "path"));
  REVERIE_TRY(std::string description, needed(arguments, "description"));
  REVERIE_CHECK(find_editable(context.memory, label));
  context.memory.set_description(label, std::move(description), context.now);
  return "Changed the description of the memory block `" + label + "`.";
}

ToolOutcome memory(const Json& arguments, NativeToolContext& context) {
  const std::string command = *text_argument(arguments, "command");
  Result<std::string> done =
    command == "create"        ? create(arguments, context)
    : command == "str_replace" ? str_replace(arguments, context)
    : command == "insert"      ? insert(arguments, context)
    : command == "delete"      ? remove(arguments, context)
    : command == "rename"
      ? rename(arguments, context)
      : Result<std::string>(Error{
        Errc::invalid_argument,
        "Unknown command `" + command + "`: use create, str_replace, insert, delete or rename.",
        ""});
  if (!done) return failed_edit("memory", done.error());
  return tool_success(*std::move(done));
}

}  // namespace

std::string label_of_path(std::string_view path) {
  constexpr std::string_view root = "/memories";
  if (path == root || path.starts_with("/memories/")) path.remove_prefix(root.size());
  while (path.starts_with('/')) path.remove_prefix(1);
  while (path.ends_with('/')) path.remove_suffix(1);
  return std::string(path);
}

std::optional<std::string> commanded_label(const Json& arguments) {
  const std::string command = text_argument(arguments, "command").value_or("");
  if (command != "str_replace" && command != "insert" && command != "rename") return {};
  auto path = text_argument(arguments, "path");
  if (command == "rename")
    if (auto old_path = text_argument(arguments, "old_path")) path = std::move(old_path);
  if (!path) return {};
  return label_of_path(*path);
}

std::vector<BuiltinTool> memory_command_tools() {
  return {builtin_tool(
    "memory", "letta_memory_core",
    R"(Manage memory blocks. Each block has a path, /memories/<label>.

Commands:
    create       make a new block (path, description, optional file_text)
    str_replace  replace a text that stands in the block exactly once (path, old_string, new_string)
    insert       insert text as lines of their own (path, insert_text, optional insert_line: 0 for the top, -1 for the end)
    delete       take a block out of memory (path)
    rename       give a block a new path (old_path, new_path), or a new description (path, description)

Examples:
    memory(command="create", path="/memories/projects", description="What the user works on", file_text="Reverie: a server")
    memory(command="str_replace", path="/memories/human", old_string="Lives in Paris", new_string="Lives in Lyon")
    memory(command="insert", path="/memories/human", insert_text="Prefers tea.")
    memory(command="delete", path="/memories/old_notes")
    memory(command="rename", old_path="/memories/projects", new_path="/memories/work"))",
    parameters(
      {{"command", "string", "What to do: create, str_replace, insert, delete or rename.", true},
       {"path", "string", "The block, as /memories/<label>."},
       {"file_text", "string", "The content of a new block (for create)."},
       {"description", "string", "What the block is for (for create and rename)."},
       {"old_string", "string", "Old text to replace (for str_replace)"},
       {"new_string", "string", "New text in its place (for str_replace)"},
       {"insert_line", "integer", "Line number to insert at (for insert)"},
       {"insert_text", "string", "Text to insert (for insert)"},
       {"old_path", "string", "Old path for rename operation"},
       {"new_path", "string", "New path for rename operation"}}),
    memory)};
}

}  // namespace reverie
