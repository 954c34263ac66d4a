// memory_apply_patch: several edits of one block, or of several, done together or not at all.

#include "runtime/tools/builtin_tool.hpp"
#include "runtime/tools/memory_edits.hpp"
#include "runtime/tools/memory_patch.hpp"

#include <string>
#include <utility>

namespace reverie {

namespace {

Result<std::string> add(const PatchOperation& operation, NativeToolContext& context) {
  REVERIE_CHECK(check_label_is_free(context.memory, operation.label));
  REVERIE_TRY(Block block,
              make_block(operation.label, operation.content, operation.description, context));
  context.memory.create(std::move(block));
  return "Created the memory block `" + operation.label + "`.";
}

Result<std::string> update(const PatchOperation& operation, NativeToolContext& context) {
  REVERIE_TRY(const Block* block, find_editable(context.memory, operation.label));
  REVERIE_TRY(std::string value, apply_hunks(block->value, operation.hunks));
  context.memory.set_value(operation.label, value, context.now);
  if (operation.new_label.empty() || operation.new_label == operation.label) return value;
  REVERIE_CHECK(check_label(operation.new_label));
  REVERIE_CHECK(check_label_is_free(context.memory, operation.new_label));
  context.memory.rename(operation.label, operation.new_label, context.now);
  return value;
}

Result<std::string> remove(const PatchOperation& operation, NativeToolContext& context) {
  REVERIE_CHECK(find_editable(context.memory, operation.label));
  context.memory.detach(operation.label);
  return "Removed the memory block `" + operation.label + "`.";
}

// Blocks that live elsewhere are edited where they live, one at a time: they cannot be part of a
// change that has to happen as a whole.
Status refuse_shared(const std::vector<PatchOperation>& operations, const CoreMemory& memory) {
  if (operations.size() == 1) return {};
  for (const PatchOperation& operation : operations) {
    if (operation.kind != PatchKind::update) continue;
    if (memory.find(operation.label) != nullptr && !memory.is_own(operation.label))
      return Error{Errc::invalid_argument,
                   "The memory block `" + operation.label
                     + "` is shared with other agents: patch it in a call of its own.",
                   ""};
  }
  return {};
}

Result<std::string> apply(const std::vector<PatchOperation>& operations,
                          NativeToolContext& context) {
  REVERIE_CHECK(refuse_shared(operations, context.memory));
  std::string report;
  for (const PatchOperation& operation : operations) {
    REVERIE_TRY(std::string done, operation.kind == PatchKind::add ? add(operation, context)
                                  : operation.kind == PatchKind::update
                                    ? update(operation, context)
                                    : remove(operation, context));
    if (operations.size() == 1) return done;
    if (operation.kind == PatchKind::update)
      done = "Updated the memory block `" + operation.label + "`.";
    report += (report.empty() ? "" : "\n") + done;
  }
  return report;
}

ToolOutcome memory_apply_patch(const Json& arguments, NativeToolContext& context) {
  const auto operations =
    parse_patch(*text_argument(arguments, "label"), *text_argument(arguments, "patch"));
  if (!operations) return failed_edit("memory_apply_patch", operations.error());
  const CoreMemory before = context.memory;
  auto done = apply(*operations, context);
  if (!done) {
    context.memory = before;
    return failed_edit("memory_apply_patch", done.error());
  }
  return tool_success(*std::move(done));
}

}  // namespace

std::vector<BuiltinTool> memory_patch_tools() {
  return {builtin_tool(
    "memory_apply_patch", "letta_memory_core",
    R"(Make several edits of memory at once. All of them are made, or none when one does not fit.

For one block, give its label and a patch of lines: ' ' before a line that stays, '-' before one that goes, '+' before one that comes; "@@" between places that are apart. The lines that stay or go must stand in the block exactly so, and only once. A patch of '+' lines alone adds them at the end.

    @@
     Name: Ada.
    -Likes tea.
    +Likes coffee.

For several blocks, say in the patch what happens to which; the label is then not used:

    *** Add Block: projects
    Description: What the user works on
    +Reverie: a server
    *** Update Block: human
    @@
    -Likes tea.
    +Likes coffee.
    *** Delete Block: scratch

"*** Move to: new_label" below "*** Update Block: label" renames a block.)",
    parameters(
      {{"label", "string",
        "The block to edit, by its label. Not used when the patch has operation headers.", true},
       {"patch", "string", "The patch, in the form described above.", true}}),
    memory_apply_patch)};
}

}  // namespace reverie
