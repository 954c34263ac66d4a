#include "runtime/compaction/compaction.hpp"

#include "runtime/compaction/cut.hpp"
#include "runtime/compaction/transcript.hpp"
#include "runtime/messages/api_messages.hpp"
#include "runtime/messages/chat_history.hpp"
#include "runtime/messages/packaged.hpp"
#include "runtime/text.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace reverie {

namespace {

// As the transcript of a summariser whose window was too small has them.
constexpr std::int64_t short_return_chars = 5000;
constexpr int shortenings_max = 2;

// Of what the note quotes from messages that nobody could summarise.
constexpr std::int64_t quoted_chars_max = 2000;

std::string clipped(std::string text, const std::optional<std::int64_t>& limit) {
  if (!limit || static_cast<std::int64_t>(text.size()) <= *limit) return text;
  if (count_characters(text) <= *limit) return text;
  return std::string(first_characters(text, *limit)) + "... [the summary was cut here]";
}

Message summary_message(std::string text) {
  Message message;
  message.role = "summary";
  ContentPart part;
  part.text = std::move(text);
  message.content.push_back(std::move(part));
  return message;
}

// A summary is text for the next model: no thoughts, no schema, no calls.
void ask_for_text(LlmRequest& request) {
  request.model.reasoning_enabled = false;
  request.model.reasoning_effort.reset();
  request.model.thinking_budget.reset();
  request.model.response_format = {};
  request.tool_choice = ToolChoice::none;
  request.stream = false;
}

}  // namespace

Compaction::Compaction(CompactionInput input) : input_(std::move(input)), context_(input_.context) {
  const bool is_configured = input_.force == CompactionForce::as_configured;
  const auto mode = compaction_mode(input_.settings.mode).value_or(CompactionMode::sliding_window);
  if (input_.force != CompactionForce::without_summary)
    attempts_ = attempts_of(is_configured ? mode : CompactionMode::all);
}

std::vector<Compaction::Attempt> Compaction::attempts_of(CompactionMode mode) const {
  std::vector<Attempt> attempts;
  if (mode == CompactionMode::self_compact_all) attempts.push_back({false, true});
  if (mode == CompactionMode::self_compact_all
      || mode == CompactionMode::self_compact_sliding_window)
    attempts.push_back({true, true});
  if (input_.has_summariser) {
    if (mode == CompactionMode::sliding_window) attempts.push_back({true, false});
    attempts.push_back({false, false});
  }
  return attempts;
}

std::optional<Compaction::Call> Compaction::next_call() {
  while (!is_over_ && attempt_ < attempts_.size()) {
    const Attempt& attempt = attempts_[attempt_];
    const auto cut = cut_of(attempt);
    if (!cut) {
      next_attempt();
      continue;
    }
    cut_ = *cut;
    return attempt.by_own_model ? own_call(cut_) : transcript_call(cut_);
  }
  if (!is_over_) evict_without_summary();
  return std::nullopt;
}

std::optional<std::size_t> Compaction::cut_of(const Attempt& attempt) const {
  const std::size_t end = first_kept(context_);
  if (!attempt.is_sliding) return end > 1 ? std::optional(end) : std::nullopt;
  return sliding_cut(context_, input_.settings.sliding_window_percentage,
                     input_.agent_model.context_window,
                     [this](std::size_t index) { return tokens_from(index); });
}

std::string_view Compaction::prompt(bool is_sliding) const {
  if (input_.settings.prompt && !is_blank(*input_.settings.prompt)) return *input_.settings.prompt;
  return default_compaction_prompt(is_sliding ? CompactionMode::sliding_window
                                              : CompactionMode::all);
}

Compaction::Call Compaction::transcript_call(std::size_t cut) const {
  const std::span<const Message> head(context_.data() + 1, cut - 1);
  std::string said = transcript(head, shortening_ > 0 ? short_return_chars : 0);
  if (shortening_ > 1) {
    const std::int64_t tokens = input_.summariser.context_window * 6 / 10;
    said = cut_middle(said, static_cast<std::size_t>(input_.scale.bytes(tokens)));
  }
  Call call;
  call.request.model = input_.summariser;
  ChatMessage system;
  system.role = ChatRole::system;
  system.text = summariser_system_prompt();
  ChatMessage user;
  user.text = "<transcript>\n" + said + "</transcript>\n\n";
  user.text += prompt(attempts_[attempt_].is_sliding);
  call.request.messages = {std::move(system), std::move(user)};
  ask_for_text(call.request);
  return call;
}

Compaction::Call Compaction::own_call(std::size_t cut) const {
  Call call;
  call.is_agents_own_model = true;
  call.request.model = input_.agent_model;
  call.request.messages =
    chat_history(std::span(context_.data(), cut),
                 {input_.agent_model_handle, input_.timezone, input_.agent_model.context_window});
  if (call.request.messages.back().role != ChatRole::assistant) {
    ChatMessage pause;  // so that the request does not read as a part of what was said last
    pause.role = ChatRole::assistant;
    pause.text = "I have read this and go on after the summary.";
    call.request.messages.push_back(std::move(pause));
  }
  ChatMessage user;
  user.text = prompt(attempts_[attempt_].is_sliding);
  call.request.messages.push_back(std::move(user));
  call.request.tools = input_.tools;
  ask_for_text(call.request);
  return call;
}

void Compaction::on_answer(const Completion& completion) {
  if (is_blank(completion.text))
    return on_failure({Errc::llm_empty_response, "the summary was empty", ""});
  const bool was_sliding = attempts_[attempt_].is_sliding;
  replace_head(cut_, fitted(completion.text));
  is_summarised_ = true;
  const std::int64_t limit = compaction_threshold(input_.agent_model.context_window);
  is_over_ = !was_sliding || !input_.has_summariser || tokens_of_request() < limit
             || !has_evictable(context_);
  if (is_over_) return;
  // The newer part alone is too much as well.
  attempts_ = attempts_of(CompactionMode::all);
  attempt_ = 0;
  shortening_ = 0;
}

void Compaction::on_failure(const Error& error) {
  failure_ = error;
  const bool is_own = attempts_[attempt_].by_own_model;
  if (error.code == Errc::llm_context_window && !is_own && shortening_ < shortenings_max) {
    ++shortening_;
    return;
  }
  next_attempt();
  // A model that cannot be reached is not asked again in another way.
  const bool is_unfit = error.code == Errc::llm_context_window
                        || error.code == Errc::llm_empty_response
                        || error.code == Errc::llm_bad_request;
  while (!is_unfit && attempt_ < attempts_.size() && attempts_[attempt_].by_own_model == is_own)
    next_attempt();
}

void Compaction::next_attempt() {
  ++attempt_;
  shortening_ = 0;
  // What an earlier attempt has achieved stays.
  if (attempt_ >= attempts_.size() && is_summarised_) is_over_ = true;
}

// What stands for a part of the context must not fill it again.
std::string Compaction::fitted(std::string summary) const {
  const std::int64_t tokens = input_.agent_model.context_window / 4;
  return cut_middle(clipped(std::move(summary), input_.settings.clip_chars),
                    static_cast<std::size_t>(input_.scale.bytes(tokens)));
}

void Compaction::replace_head(std::size_t cut, std::string summary) {
  summary_ = std::move(summary);
  std::vector<Message> rest;
  rest.push_back(std::move(context_.front()));
  rest.push_back(summary_message(summary_));
  for (std::size_t i = cut; i < context_.size(); ++i) rest.push_back(std::move(context_[i]));
  context_ = std::move(rest);
}

// The older part goes, or all where no cut of it is enough. An earlier summary and what the user
// said last are quoted: without them nobody would know what this is about.
void Compaction::evict_without_summary() {
  const std::size_t end = first_kept(context_);
  std::size_t cut = end;
  if (input_.force != CompactionForce::without_summary) cut = cut_of({true, false}).value_or(end);
  std::string earlier;
  std::string asked;
  std::size_t count = 0;
  for (std::size_t i = 1; i < cut; ++i) {
    if (is_summary(context_[i])) {
      earlier = unpack_summary(text_of(context_[i])).text;
      continue;
    }
    ++count;
    if (context_[i].role == "user" && !is_heartbeat(context_[i])) asked = text_of(context_[i]);
  }
  std::string note = std::to_string(count)
                     + " earlier messages of this conversation are not shown any more, and no "
                       "summary of them could be made";
  if (failure_) note += " (" + std::string(first_characters(failure_->message, 200)) + ")";
  note += ". They are still in the message history, where they can be searched.";
  if (!earlier.empty())
    note += "\n\nThe summary of what was said before them:\n" + fitted(std::move(earlier));
  if (!asked.empty())
    note +=
      "\n\nThe last of these messages that the user sent:\n" + cut_middle(asked, quoted_chars_max);
  replace_head(cut, std::move(note));
  is_over_ = true;
}

Compacted Compaction::result() const {
  Compacted out;
  out.summary = summary_;
  out.is_summarised = is_summarised_;
  if (!is_summarised_) out.failure = failure_;
  const std::size_t kept = context_.size() - 2;
  const std::size_t before = input_.context.size();
  for (std::size_t i = 1; i < before - kept; ++i)
    out.evicted.push_back(input_.context[i].sequence_id);
  out.messages_before = static_cast<std::int64_t>(before);
  out.messages_after = static_cast<std::int64_t>(context_.size());
  const auto bytes = [this](const std::vector<Message>& messages) {
    std::int64_t sum = input_.other_bytes;
    for (const Message& message : messages)
      sum += bytes_of(message, input_.agent_model.context_window);
    return input_.scale.tokens(sum);
  };
  out.tokens_before = bytes(input_.context);
  out.tokens_after = bytes(context_);
  return out;
}

std::int64_t Compaction::tokens_from(std::size_t index) const {
  const std::int64_t window = input_.agent_model.context_window;
  std::int64_t sum = bytes_of(context_.front(), window);
  for (std::size_t i = index; i < context_.size(); ++i) sum += bytes_of(context_[i], window);
  return input_.scale.tokens(sum);
}

std::int64_t Compaction::tokens_of_request() const {
  return tokens_from(1) + input_.scale.tokens(input_.other_bytes);
}

}  // namespace reverie
