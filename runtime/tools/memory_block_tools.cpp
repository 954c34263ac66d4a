// memory_insert, memory_replace, memory_rethink, memory_finish_edits.

#include "runtime/tools/builtin_tool.hpp"
#include "runtime/tools/memory_edits.hpp"

#include <string>
#include <utility>

namespace reverie {

namespace {

ToolOutcome memory_replace(const Json& arguments, NativeToolContext& context) {
  const std::string label = *text_argument(arguments, "label");
  const auto block = find_editable(context.memory, label);
  if (!block) return failed_edit("memory_replace", block.error());
  auto value = replace_once(label, (*block)->value, *text_argument(arguments, "old_string"),
                            *text_argument(arguments, "new_string"));
  if (!value) return failed_edit("memory_replace", value.error());
  context.memory.set_value(label, *value, context.now);
  return tool_success(*std::move(value));
}

ToolOutcome memory_insert(const Json& arguments, NativeToolContext& context) {
  const std::string label = *text_argument(arguments, "label");
  const auto block = find_editable(context.memory, label);
  if (!block) return failed_edit("memory_insert", block.error());
  auto value = insert_lines((*block)->value, *text_argument(arguments, "new_string"),
                            integer_argument(arguments, "insert_line", -1));
  if (!value) return failed_edit("memory_insert", value.error());
  context.memory.set_value(label, *value, context.now);
  return tool_success(*std::move(value));
}

ToolOutcome memory_rethink(const Json& arguments, NativeToolContext& context) {
  return rewrite_block("memory_rethink", *text_argument(arguments, "label"),
                       *text_argument(arguments, "new_memory"), context);
}

ToolOutcome memory_finish_edits(const Json&, NativeToolContext&) {
  return tool_success("None");
}

}  // namespace

std::vector<BuiltinTool> memory_block_tools() {
  std::vector<BuiltinTool> tools;
  tools.push_back(builtin_tool(
    "memory_replace", "letta_sleeptime_core",
    R"(Replace one piece of text in a memory block by another: the tool for precise edits, such as correcting a fact, updating a preference or deleting a line.

The text to replace must stand in the block exactly as given, spaces and line breaks included, and only once. If it stands there several times, give more of the text around it. Leave out line numbers: where a block is shown with them, they are not part of its text.

Examples:
    Correct a fact:     memory_replace(label="human", old_string="Lives in Paris.", new_string="Lives in Lyon.")
    Delete a line:      memory_replace(label="human", old_string="\nAllergic to nuts.", new_string="")
    Extend a sentence:  memory_replace(label="human", old_string="Has a dog", new_string="Has a dog named Rex")

Returns the block's new content.)",
    parameters(
      {{"label", "string", "The block to edit, by its label: \"human\", for instance.", true},
       {"old_string", "string",
        "The text to replace, exactly as it stands in the block, and only once in it.", true},
       {"new_string", "string", "The text to put in its place; an empty string deletes it.",
        true}}),
    memory_replace));
  tools.push_back(builtin_tool(
    "memory_insert", "letta_sleeptime_core",
    R"(Insert text into a memory block as lines of their own: the tool for remembering something new without touching what is there.

Examples:
    At the end:     memory_insert(label="human", new_string="Prefers tea.")
    At the top:     memory_insert(label="human", new_string="Name: Ada.", insert_line=0)
    After line 3:   memory_insert(label="human", new_string="Works at night.", insert_line=3)

Returns the block's new content.)",
    parameters(
      {{"label", "string", "The block to edit, by its label: \"human\", for instance.", true},
       {"new_string", "string", "The text to insert, without line numbers.", true},
       {"insert_line", "integer",
        "The line after which the text goes: 0 for the top, -1 (the default) for the end."}}),
    memory_insert));
  tools.push_back(builtin_tool(
    "memory_rethink", "letta_sleeptime_core",
    R"(Rewrite a memory block as a whole: to reorganise it, to condense it, or to bring together what belongs together. Anything that is not in the new content is forgotten, so carry over all that still matters. For small changes use memory_replace or memory_insert. A block that does not exist yet is created.)",
    parameters({{"label", "string", "The block to rewrite, by its label.", true},
                {"new_memory", "string", "The complete new content of the block.", true}}),
    memory_rethink));
  tools.push_back(builtin_tool(
    "memory_finish_edits", "letta_sleeptime_core",
    "Say that the memory is as it should be. Call it once, when there is nothing left to edit.",
    parameters({}), memory_finish_edits));
  return tools;
}

}  // namespace reverie
