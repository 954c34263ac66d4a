#include "runtime/llm/demo_memory.hpp"

#include "config/json_text.hpp"
#include "runtime/llm/demo_statements.hpp"
#include "runtime/llm/demo_text.hpp"
#include "runtime/llm/json_access.hpp"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <utility>

namespace reverie::demo {

namespace {

using Members = std::initializer_list<std::pair<std::string_view, std::string_view>>;

std::string arguments_text(Members members) {
  std::string out = "{";
  for (const auto& [name, value] : members) {
    append_name(out, name);
    append_json_string(out, value);
  }
  return out + '}';
}

// "12→ text", as some prompts number their lines.
std::string_view without_line_number(std::string_view line) {
  constexpr std::string_view arrow = "\u2192 ";
  const auto digits = line.find_first_not_of("0123456789");
  if (digits == 0 || digits == line.npos || !line.substr(digits).starts_with(arrow)) return line;
  return line.substr(digits + arrow.size());
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string without_line_numbers(std::string_view value) {
  std::string out;
  for (const std::string_view line : lines_of(value)) {
    if (!out.empty()) out += '\n';
    out += without_line_number(line);
  }
  return out;
}

// The text between `open` and `close`; `text` then continues behind it.
std::optional<std::string_view> take_between(std::string_view& text, std::string_view open,
                                             std::string_view close) {
  const auto begin = text.find(open);
  if (begin == text.npos) return std::nullopt;
  const auto end = text.find(close, begin + open.size());
  if (end == text.npos) return std::nullopt;
  const auto inner = text.substr(begin + open.size(), end - begin - open.size());
  text.remove_prefix(end + close.size());
  return inner;
}

std::size_t times_in(std::string_view text, std::string_view part) {
  std::size_t times = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++times;
  return times;
}

// Writes into one block with the tools at hand, and follows what the block then says.
class Writer {
 public:
  Writer(const MemoryBlock& block, const std::vector<ToolSpec>& tools)
    : label_(block.label), path_("/memories/" + block.label), value_(block.value), tools_(&tools) {}

  void insert(const std::string& lines) {
    const std::string before = value_;
    value_ += (value_.empty() ? "" : "\n") + lines;
    if (has("memory_insert"))
      add("memory_insert", {{"label", label_}, {"new_string", lines}});
    else if (has("core_memory_append"))
      add("core_memory_append", {{"label", label_}, {"content", lines}});
    else if (has("memory"))
      add("memory", {{"command", "insert"}, {"path", path_}, {"insert_text", lines}});
    else if (!rewrite())
      replace_last_line(before, lines);
  }

  // A replacing tool wants text that is in the block once. Where there is no way to replace, new
  // text is added: of two lines that contradict each other the last one counts.
  void replace(const std::string& old_text, const std::string& new_text) {
    const auto at = value_.rfind(old_text);
    if (at != value_.npos && times_in(value_, old_text) == 1 && can_replace()) {
      value_.replace(at, old_text.size(), new_text);
      add_replacement(old_text, new_text);
    } else if (at != value_.npos && (has("memory_rethink") || has("rethink_memory"))) {
      value_.replace(at, old_text.size(), new_text);
      rewrite();
    } else if (!new_text.empty()) {
      insert(new_text);
    }
  }

  std::vector<WantedCall> take() { return std::move(calls_); }

 private:
  bool has(std::string_view name) const { return has_tool(*tools_, name); }
  bool can_replace() const {
    return has("memory_replace") || has("core_memory_replace") || has("memory");
  }

  void add(std::string_view tool, Members arguments) {
    calls_.push_back({std::string(tool), arguments_text(arguments)});
  }

  void add_replacement(std::string_view old_text, std::string_view new_text) {
    if (has("memory_replace"))
      add("memory_replace",
          {{"label", label_}, {"old_string", old_text}, {"new_string", new_text}});
    else if (has("core_memory_replace"))
      add("core_memory_replace",
          {{"label", label_}, {"old_content", old_text}, {"new_content", new_text}});
    else
      add("memory", {{"command", "str_replace"},
                     {"path", path_},
                     {"old_string", old_text},
                     {"new_string", new_text}});
  }

  bool rewrite() {
    if (has("memory_rethink"))
      add("memory_rethink", {{"label", label_}, {"new_memory", value_}});
    else if (has("rethink_memory"))
      add("rethink_memory", {{"new_memory", value_}, {"target_block_label", label_}});
    else
      return false;
    return true;
  }

  // With a replacing tool alone a line can only be added to one that is there.
  void replace_last_line(const std::string& before, const std::string& lines) {
    const std::string last = before.substr(before.rfind('\n') + 1);
    if (!can_replace() || last.empty() || times_in(before, last) != 1)
      value_ = before;
    else
      add_replacement(last, last + "\n" + lines);
  }

  std::string label_;
  std::string path_;
  std::string value_;
  const std::vector<ToolSpec>* tools_;
  std::vector<WantedCall> calls_;
};

// The line with the break that goes when it goes.
std::string with_line_break(std::string_view line, std::string_view value) {
  const std::string behind = "\n" + std::string(line);
  if (times_in(value, behind) > 0) return behind;
  const std::string before = std::string(line) + "\n";
  return times_in(value, before) > 0 ? before : std::string(line);
}

// The words of a free sentence that tell a name, so that a correction can change them there:
// "The user's name is Ada." -> "name is Ada".
std::string name_phrase_in(std::string_view line) {
  const auto begin = lowered(line).find("name is ");
  if (begin == std::string::npos) return {};
  std::string_view name = line.substr(begin + 8);
  name = up_to(name.substr(0, name.find_first_of(".,;!")), {"and", "but"});
  return std::string(line.substr(begin, 8)) + std::string(name);
}

// What `fact` takes the place of in the block, and with what; nothing when it is new.
std::optional<std::pair<std::string, std::string>> replacement_for(const Fact& fact,
                                                                   const MemoryBlock& block) {
  std::optional<std::pair<std::string, std::string>> found;
  for (const std::string_view line : lines_of(block.value)) {
    const Fact known = fact_in_line(line);
    if (!known.key.empty() && contradicts(known, fact))
      found = {std::string(trimmed(line)), to_line(fact)};
    if (!known.key.empty() || fact.key != "Name") continue;
    const std::string phrase = name_phrase_in(line);
    if (!phrase.empty()) found = {phrase, phrase.substr(0, 8) + fact.value};
  }
  return found;
}

}  // namespace

bool has_tool(const std::vector<ToolSpec>& tools, std::string_view name) {
  return std::any_of(tools.begin(), tools.end(),
                     [&](const ToolSpec& tool) { return tool.name == name; });
}

std::vector<MemoryBlock> memory_blocks_in(std::string_view system_prompt) {
  std::vector<MemoryBlock> blocks;
  auto text = take_between(system_prompt, "<memory_blocks>", "\n</memory_blocks>");
  if (!text) return blocks;
  // A label's tag stands alone on its line, right before the description's.
  while (const auto label = take_between(*text, "\n<", ">\n<description>\n")) {
    const auto start = label->rfind("\n<");  // skips what looks like a tag in the introduction
    MemoryBlock block;
    block.label = start == label->npos ? *label : label->substr(start + 2);
    auto body = take_between(*text, "</description>\n", "\n</value>\n</" + block.label + ">");
    if (!body) continue;
    const auto value = body->find("<value>\n");
    block.is_read_only = body->substr(0, value).find("- read_only=true") != body->npos;
    // An empty value leaves its line out where lines are numbered.
    if (value != body->npos) block.value = without_line_numbers(body->substr(value + 8));
    blocks.push_back(std::move(block));
  }
  return blocks;
}

const MemoryBlock* notebook_of(const std::vector<MemoryBlock>& blocks) {
  const MemoryBlock* first = nullptr;
  for (const MemoryBlock& block : blocks) {
    if (block.is_read_only) continue;
    if (block.label == "human" || block.label == "system/human") return &block;
    // The persona speaks about the agent: a better place than none, but the last one.
    if (first == nullptr || first->label == "persona") first = &block;
  }
  return first;
}

std::vector<Fact> facts_of(const MemoryBlock& block) {
  std::vector<Fact> facts;
  for (const std::string_view line : lines_of(block.value)) {
    if (trimmed(line).empty()) continue;
    Fact fact = fact_in_line(line);
    if (fact.key.empty())
      if (const std::string phrase = name_phrase_in(line); !phrase.empty())
        facts.push_back({"Name", phrase.substr(8)});
    facts.push_back(std::move(fact));
  }
  return facts;
}

bool is_known(const Fact& fact, const MemoryBlock& block) {
  bool is_there = false;
  for (const Fact& known : facts_of(block)) {
    if (!is_same_key(known.key, fact.key)) continue;
    const bool is_same = lowered(known.value) == lowered(fact.value);
    // Of a key that is single the last line counts; of others any.
    is_there = is_single(fact.key) ? known.value == fact.value : is_there || is_same;
  }
  return is_there;
}

std::vector<WantedCall> calls_to_store(const std::vector<Fact>& facts, const MemoryBlock& block,
                                       const std::vector<ToolSpec>& tools) {
  Writer writer(block, tools);
  std::string additions;
  for (const Fact& fact : facts) {
    if (is_known(fact, block)) continue;
    if (const auto change = replacement_for(fact, block))
      writer.replace(change->first, change->second);
    else
      additions += (additions.empty() ? "" : "\n") + to_line(fact);
  }
  if (!additions.empty()) writer.insert(additions);
  return writer.take();
}

std::vector<WantedCall> calls_to_forget(std::string_view subject, const MemoryBlock& block,
                                        const std::vector<ToolSpec>& tools) {
  const auto said = facts_in(subject);
  std::string_view key = subject;
  skip_phrases(key, {"my", "all about my", "about my", "the"});
  Writer writer(block, tools);
  for (const std::string_view line : lines_of(block.value)) {
    const Fact known = fact_in_line(line);
    const bool is_named = !known.key.empty() && is_same_key(known.key, key);
    const bool is_value = !key.empty() && has_phrase(known.value, {lowered(key)});
    const bool is_said = std::find(said.begin(), said.end(), known) != said.end();
    if (is_named || is_said || (said.empty() && is_value))
      writer.replace(with_line_break(line, block.value), "");
  }
  return writer.take();
}

}  // namespace reverie::demo
