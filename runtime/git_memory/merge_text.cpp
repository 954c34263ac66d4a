#include "runtime/git_memory/merge_text.hpp"

#include "runtime/git_memory/git_handles.hpp"

namespace reverie {

namespace {

git_merge_file_input input(std::string_view text) {
  git_merge_file_input made = GIT_MERGE_FILE_INPUT_INIT;
  made.ptr = text.data();
  made.size = text.size();
  return made;
}

}  // namespace

std::string merge_text(std::string_view base, std::string_view ours, std::string_view theirs) {
  git::start_library();
  git_merge_file_options options = GIT_MERGE_FILE_OPTIONS_INIT;
  options.favor = GIT_MERGE_FILE_FAVOR_OURS;
  const auto base_file = input(base), our_file = input(ours), their_file = input(theirs);
  git_merge_file_result merged = {};
  // Fails for want of memory alone.
  if (git_merge_file(&merged, &base_file, &our_file, &their_file, &options) != 0)
    return std::string(ours);
  std::string text = merged.len == 0 ? std::string() : std::string(merged.ptr, merged.len);
  git_merge_file_result_free(&merged);
  return text;
}

}  // namespace reverie
