#include "tests/scripted_model/journal.hpp"

#include "config/json_text.hpp"
#include "tests/scripted_model/json_cursor.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

#include <nlohmann/json.hpp>

namespace reverie::scripted {
namespace {

using Json = nlohmann::ordered_json;

double now_s() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(since_epoch).count();
}

// JSON goes out as it came; anything else as a string.
void append_body(std::string& out, const std::string& body) {
  JsonCursor cursor(body);
  const std::string_view json = cursor.value();
  if (body.empty())
    out += "null";
  else if (cursor.ok() && cursor.at_end())
    out += json;
  else
    append_json_string(out, body);
}

Json reply_json(const Reply& reply) {
  Json calls = Json::array();
  for (const Call& call : reply.calls) {
    Json arguments = Json::parse(call.arguments, nullptr, false);
    if (arguments.is_discarded()) arguments = call.arguments;
    calls.push_back({{"name", call.name}, {"arguments", std::move(arguments)}});
  }
  const auto or_null = [](const std::string& text) { return text.empty() ? Json() : Json(text); };
  return {{"content", reply.content ? Json(*reply.content) : Json()},
          {"reasoning", or_null(reply.reasoning)},
          {"calls", std::move(calls)},
          {"error", or_null(reply.step.error)}};
}

}  // namespace

void Journal::skip() {
  const std::lock_guard lock(mutex_);
  ++last_seq_;
}

void Journal::add(HttpRequest request, std::optional<Reply> reply, std::size_t capacity) {
  auto entry = std::make_shared<Entry>(Entry{0, now_s(), std::move(request), std::move(reply)});
  const std::lock_guard lock(mutex_);
  entry->seq = ++last_seq_;
  entries_.push_back(std::move(entry));
  while (entries_.size() > capacity) entries_.pop_front();
}

void Journal::append_entry(std::string& out, const Entry& entry) {
  const HttpRequest& request = entry.request;
  Json headers = Json::object();
  for (const auto& [name, value] : request.headers) headers[name] = value;
  Json head{{"seq", entry.seq},     {"time", entry.time_s},   {"method", request.method},
            {"path", request.path}, {"query", request.query}, {"headers", std::move(headers)}};
  if (entry.reply) {
    head["scripted"] = entry.reply->is_scripted;
    head["step"] = entry.reply->turn;
    head["reply"] = reply_json(*entry.reply);
  }
  out += head.dump(-1, ' ', false, Json::error_handler_t::replace);
  out.pop_back();  // the closing brace: the body follows
  out += ",\"body\":";
  append_body(out, request.body);
  out += '}';
}

std::string Journal::entries_json(const Filter& filter) const {
  std::vector<std::shared_ptr<const Entry>> found;
  std::uint64_t last_seq = 0;
  {
    const std::lock_guard lock(mutex_);
    last_seq = last_seq_;
    std::copy_if(entries_.begin(), entries_.end(), std::back_inserter(found),
                 [&](const auto& entry) { return entry->seq > filter.since; });
  }
  std::erase_if(found, [&](const auto& entry) {
    return !entry->request.path.ends_with(filter.path)
           || entry->request.body.find(filter.contains) == std::string::npos;
  });
  if (filter.limit > 0 && found.size() > filter.limit)
    found.erase(found.begin(), found.end() - static_cast<std::ptrdiff_t>(filter.limit));

  std::string out = "{\"count\":" + std::to_string(found.size())
                    + ",\"last_seq\":" + std::to_string(last_seq) + ",\"entries\":[";
  for (const auto& entry : found) {
    if (out.back() != '[') out += ',';
    append_entry(out, *entry);
  }
  return out + "]}";
}

std::string Journal::last_json() const {
  std::shared_ptr<const Entry> last;
  {
    const std::lock_guard lock(mutex_);
    if (entries_.empty()) return {};
    last = entries_.back();
  }
  std::string out;
  append_entry(out, *last);
  return out;
}

std::size_t Journal::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

std::size_t Journal::clear() {
  const std::lock_guard lock(mutex_);
  const std::size_t count = entries_.size();
  entries_.clear();
  return count;
}

}  // namespace reverie::scripted
