// Writes one JSON object member by member, for answers that are no record's own shape.

#pragma once

#include "config/json_text.hpp"

#include <string>
#include <string_view>

namespace reverie {

// Closes the object when it goes.
class JsonObjectWriter {
 public:
  explicit JsonObjectWriter(std::string& out) : out_(out) { out_ += '{'; }
  ~JsonObjectWriter() { out_ += '}'; }
  JsonObjectWriter(const JsonObjectWriter&) = delete;
  JsonObjectWriter& operator=(const JsonObjectWriter&) = delete;

  template <class T>
  JsonObjectWriter& add(std::string_view name, const T& value) {
    begin(name);
    append_json(out_, value);
    return *this;
  }
  JsonObjectWriter& add(std::string_view name, std::string_view text) {
    begin(name);
    append_json_string(out_, text);
    return *this;
  }
  JsonObjectWriter& add(std::string_view name, const char* text) {
    return add(name, std::string_view(text));
  }
  JsonObjectWriter& add_null(std::string_view name) { return add_json(name, "null"); }
  // `json` is a value as text.
  JsonObjectWriter& add_json(std::string_view name, std::string_view json) {
    begin(name);
    out_ += json;
    return *this;
  }
  // The name and what stands before the value; the caller appends that to the same string.
  void begin(std::string_view name) {
    if (!is_first_) out_ += ',';
    is_first_ = false;
    out_ += '"';
    out_ += name;
    out_ += "\":";
  }

 private:
  std::string& out_;
  bool is_first_ = true;
};

}  // namespace reverie
