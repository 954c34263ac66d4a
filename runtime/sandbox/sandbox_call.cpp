#include "runtime/sandbox/sandbox_call.hpp"

#include "config/json.hpp"
#include "config/json_writer.hpp"
#include "runtime/sandbox/secret_mask.hpp"
#include "runtime/text.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <map>
#include <utility>

#include <openssl/rand.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace reverie {

namespace {

// Only the call's own process is told it, so that nothing else can have written the result.
std::string make_nonce() {
  std::array<unsigned char, 16> bytes;
  std::string text;
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return text;
  constexpr char digits[] = "0123456789abcdef";
  for (const unsigned char byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

const char* kind_of(SandboxWork work, SandboxLanguage language) {
  if (work == SandboxWork::derive_schema) return "schema";
  return language == SandboxLanguage::python ? "python" : "javascript";
}

SandboxResult ended_as(SandboxEnd end, std::string why) {
  SandboxResult result;
  result.end = end;
  result.error = std::move(why);
  return result;
}

std::string signal_name(int number) {
  const char* name = ::sigabbrev_np(number);
  return name == nullptr ? std::to_string(number) : "SIG" + std::string(name);
}

}  // namespace

SandboxCallState::SandboxCallState(std::int64_t number, SandboxCall call, SandboxWork work,
                                   Sandbox::OnResult on_result)
  : number_(number), call_(std::move(call)), work_(work), on_result_(std::move(on_result)) {}

Status SandboxCallState::open() {
  nonce_ = make_nonce();
  if (nonce_.empty())
    return Error{Errc::unavailable, "the machine has no random numbers", "sandbox"};
  for (Pipe& pipe : ends_) {
    REVERIE_TRY(pipe, Pipe::make());
  }
  REVERIE_TRY(request_, sealed_memory("request", request()));
  return {};
}

std::string SandboxCallState::request() const {
  std::map<std::string, std::string> environment(call_.environment.begin(),
                                                 call_.environment.end());
  std::string json;
  JsonObjectWriter(json)
    .add("kind", kind_of(work_, call_.language))
    .add("language", to_string(call_.language))
    .add("nonce", nonce_)
    .add("source", call_.source)
    .add("function", call_.function)
    .add("arguments", call_.arguments)
    .add("agent_state", call_.agent_state)
    .add("environment", environment)
    .add("cpu_s", call_.limits.cpu_s)
    .add("memory_bytes", call_.limits.memory_bytes)
    .add("output_bytes_max", call_.limits.output_bytes_max);
  return json;
}

WorkerCall SandboxCallState::for_worker() const {
  WorkerCall call;
  call.number = number_;
  call.limits = call_.limits;
  // V8 reserves a thousand times what it uses.
  call.limits_data = call_.language != SandboxLanguage::python;
  call.uid = uid;
  call.request = request_.get();
  call.result = ends_[result_stream].write.get();
  call.output = ends_[output_stream].write.get();
  call.error = ends_[error_stream].write.get();
  return call;
}

void SandboxCallState::release_child_ends() {
  request_.close();
  for (Pipe& pipe : ends_) pipe.write.close();
}

bool SandboxCallState::read(Stream stream) {
  // A value's control characters are six bytes each in JSON, and names are around it.
  constexpr std::int64_t escaped = 6;
  constexpr std::int64_t frame_bytes = 4'096;
  const std::int64_t kept = call_.limits.output_bytes_max;
  const auto most =
    static_cast<std::size_t>(stream == result_stream ? escaped * kept + frame_bytes : kept);
  std::string& text = texts_[stream];
  std::array<char, 65'536> bytes;
  for (;;) {
    const auto size = ::read(ends_[stream].read.get(), bytes.data(), bytes.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return errno == EAGAIN;
    if (size == 0) return false;
    text.append(bytes.data(), std::min(static_cast<std::size_t>(size), most - text.size()));
    if (text.size() < most) continue;
    overflowed_ = true;
    return false;
  }
}

void SandboxCallState::on_started(Descriptor process, Time now) {
  process_ = std::move(process);
  started_ = now;
}

std::int64_t SandboxCallState::run_ms(Time now) const {
  if (!started_) return 0;
  return std::chrono::duration_cast<std::chrono::milliseconds>(now - *started_).count();
}

void SandboxCallState::stop_as(SandboxEnd end, std::string why) {
  if (stopped_as_) return;
  stopped_as_ = end;
  stopped_why_ = std::move(why);
}

void SandboxCallState::signal(int number) const {
  if (process_.is_open()) ::syscall(SYS_pidfd_send_signal, process_.get(), number, nullptr, 0);
}

std::optional<SandboxResult> SandboxCallState::framed() const {
  const std::string_view text = texts_[result_stream];
  const auto line_end = text.find('\n');
  const std::string start = nonce_ + ' ';
  if (line_end == text.npos || !text.starts_with(start)) return std::nullopt;
  std::size_t size = 0;
  const auto [end, code] =
    std::from_chars(text.data() + start.size(), text.data() + line_end, size);
  if (code != std::errc() || end != text.data() + line_end) return std::nullopt;
  const std::string_view body = text.substr(line_end + 1);
  if (body.size() != size) return std::nullopt;
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  static const std::map<std::string, SandboxEnd> ends{{"returned", SandboxEnd::returned},
                                                      {"raised", SandboxEnd::raised},
                                                      {"exhausted", SandboxEnd::exhausted},
                                                      {"refused", SandboxEnd::refused}};
  const auto text_of = [&](const char* name) {
    const auto member = json.find(name);
    return member != json.end() && member->is_string() ? member->get<std::string>() : std::string();
  };
  const auto known = ends.find(text_of("end"));
  if (known == ends.end()) return std::nullopt;
  SandboxResult framed = ended_as(known->second, text_of("error"));
  framed.value = text_of("value");
  return framed;
}

SandboxResult SandboxCallState::unframed(int wait_status, std::int64_t cpu_ms) const {
  const bool was_killed = WIFSIGNALED(wait_status);
  const int number = was_killed ? WTERMSIG(wait_status) : 0;
  if (number == SIGXCPU
      || (number == SIGKILL
          && std::chrono::milliseconds(cpu_ms) >= std::chrono::seconds(call_.limits.cpu_s)))
    return ended_as(SandboxEnd::exhausted,
                    "it used more than " + std::to_string(call_.limits.cpu_s) + " s of CPU time");
  if (texts_[error_stream].find("JavaScript heap out of memory") != std::string::npos)
    return ended_as(SandboxEnd::exhausted, "it needs more memory than it may have");
  if (was_killed)
    return ended_as(SandboxEnd::crashed, "it was ended by the signal " + signal_name(number));
  if (!texts_[result_stream].empty())
    return ended_as(SandboxEnd::crashed, "it wrote to the descriptor that is for its result");
  const int status = WEXITSTATUS(wait_status);
  const std::string said = "it left with the status " + std::to_string(status);
  if (!call_.function.empty() || work_ != SandboxWork::run)
    return ended_as(SandboxEnd::crashed, said + " and no result");
  if (status != 0) return ended_as(SandboxEnd::raised, said);
  return ended_as(SandboxEnd::returned, "");
}

SandboxResult SandboxCallState::result_of(int wait_status, std::int64_t cpu_ms, Time now) {
  for (const Stream stream : {result_stream, output_stream, error_stream})
    if (ends_[stream].read.is_open()) read(stream);
  if (overflowed_)
    stop_as(
      SandboxEnd::exhausted,
      "it wrote more than " + std::to_string(call_.limits.output_bytes_max) + " bytes of output");
  SandboxResult told;
  if (stopped_as_)
    told = ended_as(*stopped_as_, stopped_why_);
  else if (auto answer = framed())
    told = *std::move(answer);
  else
    told = unframed(wait_status, cpu_ms);
  add_outputs(told, now);
  return told;
}

SandboxResult SandboxCallState::result_without_end(SandboxEnd end, std::string why, Time now) {
  for (const Stream stream : {output_stream, error_stream})
    if (ends_[stream].read.is_open()) read(stream);
  stop_as(end, std::move(why));
  SandboxResult told = ended_as(*stopped_as_, stopped_why_);
  add_outputs(told, now);
  return told;
}

void SandboxCallState::add_outputs(SandboxResult& told, Time now) const {
  const SecretMask mask(call_.secrets);
  const auto shown = [&](const std::string& bytes) {
    const bool is_cut = static_cast<std::int64_t>(bytes.size()) >= call_.limits.output_bytes_max;
    return mask.apply(as_utf8(bytes, is_cut), is_cut);
  };
  told.value = mask.apply(std::move(told.value));
  told.error = mask.apply(std::move(told.error));
  told.standard_output = shown(texts_[output_stream]);
  told.standard_error = shown(texts_[error_stream]);
  told.run_ms = run_ms(now);
}

}  // namespace reverie
