// Arguments of a tool call as a model wrote them, and behind a zero byte the schema of the tool.

#include "config/json.hpp"
#include "runtime/llm/tool_schema.hpp"
#include "runtime/tools/arguments.hpp"
#include "tests/fuzz/input.hpp"

#include <optional>
#include <string>

namespace {

using reverie::Json;
using reverie::testing::claim;

// Strictly: the parser itself takes a zero byte for the end.
std::optional<Json> whole_json(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return {};
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return {};
  return json;
}

reverie::CallArguments claim_repair(std::string_view text) {
  reverie::CallArguments arguments = reverie::repair_arguments(text);
  claim(arguments.values.is_object(), "arguments are an object");
  const auto written = whole_json(arguments.text);
  claim(written && *written == arguments.values, "the text says what the values are");
  claim(reverie::repair_arguments(arguments.text).text == arguments.text,
        "what was repaired needs no repair");
  const auto right = whole_json(text);
  if (right && right->is_object() && text.starts_with('{') && text.ends_with('}')
      && !right->contains("request_heartbeat"))
    claim(arguments.text == text || arguments.text == "{}", "what is right stays as it is");
  return arguments;
}

void claim_schema(const reverie::CallArguments& arguments, std::string_view text) {
  const auto schema = whole_json(text);
  if (!schema) return;
  const auto fits = reverie::check_arguments("tool", arguments.values, *schema);
  if (!fits)
    claim(fits.error().code == reverie::Errc::invalid_argument && !fits.error().message.empty(),
          "the model is told what is wrong");
  claim_repair(reverie::merge_prefilled(arguments, *schema).text);
  if (!schema->is_object()) return;
  const reverie::RawJson raw{std::string(text)};
  const auto plain = whole_json(reverie::plain_schema(raw));
  claim(plain && plain->is_object(), "a plain schema is an object");
  if (const auto strict = reverie::strict_schema(raw))
    claim(whole_json(*strict).has_value(), "a strict schema is JSON");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = reverie::testing::view(data, size);
  claim_repair(input);
  const std::size_t end = input.find('\0');
  if (end == std::string_view::npos) return 0;
  claim_schema(claim_repair(input.substr(0, end)), input.substr(end + 1));
  return 0;
}
