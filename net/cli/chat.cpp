#include "net/cli/chat.hpp"

#include "net/cli/agents.hpp"
#include "net/cli/chat_render.hpp"
#include "net/cli/line_reader.hpp"
#include "runtime/llm/demo.hpp"
#include "runtime/text.hpp"

#include <cstddef>
#include <iostream>
#include <iterator>
#include <utility>

#include <sys/ioctl.h>
#include <unistd.h>

namespace reverie {
namespace {

constexpr std::string_view help =
  "  /memory       what the agent remembers about you and itself\n"
  "  /agents       all agents\n"
  "  /use NAME     talk to another agent\n"
  "  /new [NAME]   make a new agent and talk to it\n"
  "  /quit         leave; so does Ctrl-D\n"
  "  Ctrl-C        stops an answer\n";

std::size_t terminal_columns() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 20) return 80;
  return size.ws_col;
}

Json message_body(const std::string& text, bool is_streaming) {
  Json body{{"messages", Json::array({{{"role", "user"}, {"content", text}}})}};
  if (is_streaming) {
    body["streaming"] = true;
    body["stream_tokens"] = true;
  }
  return body;
}

// One terminal, one agent at a time.
class Chat {
 public:
  Chat(const ServerAddress& address, std::string model, const Style& style)
    : address_(address),
      api_(address, &InterruptFlag::flag()),
      model_(std::move(model)),
      style_(style) {}

  // Finds the agent, or makes one of that name.
  Status open(const std::string& name_or_id) {
    auto agent = find_agent(api_, name_or_id);
    if (!agent && agent.error().code == Errc::not_found && !name_or_id.starts_with("agent-"))
      return make(name_or_id);
    REVERIE_TRY(agent_, std::move(agent));
    return {};
  }

  Status make(const std::string& name) {
    std::string model = model_;
    if (model.empty()) {
      REVERIE_TRY(const Json models, api_.get("/v1/models/"));
      model = first_model(models);
    }
    if (model.empty())
      return Error{Errc::unavailable, "the server has no models; reverie doctor says why", ""};
    REVERIE_TRY(agent_, api_.post("/v1/agents/", new_agent_body(name, model)));
    is_new_ = true;
    return {};
  }

  void greet() const {
    std::cout << style_.bold(one_line(text_of(agent_, "name")))
              << style_.dim(std::string(is_new_ ? " (new)" : "") + " · "
                            + one_line(text_of(agent_, "model")) + " · " + api_.url())
              << '\n';
    if (text_of(agent_, "model") == demo_handle)
      std::cout << style_.dim(
        "The built-in demo answers, which is no language model: "
        "reverie doctor says how to use yours.")
                << '\n';
    std::cout << style_.dim("/help lists what else you can type.") << "\n\n";
  }

  // Lines until the end of the input. True: the user left; false: the server is gone.
  bool talk() {
    LineReader reader(STDIN_FILENO);
    const bool has_prompt = ::isatty(STDIN_FILENO) == 1;
    bool was_interrupted = false;
    for (std::string line;;) {
      if (has_prompt) std::cout << style_.bold("› ") << std::flush;
      const auto outcome = reader.read(line);
      if (outcome == LineReader::Outcome::end) {
        if (has_prompt) std::cout << '\n';
        return true;
      }
      if (outcome == LineReader::Outcome::interrupted) {
        std::cout << '\n';
        if (std::exchange(was_interrupted, true)) return true;
        std::cout << style_.dim("Ctrl-C again, Ctrl-D or /quit leaves.") << '\n';
        continue;
      }
      was_interrupted = false;
      const std::string words = one_line(line);
      if (words == "/quit" || words == "/exit") return true;
      if (words.empty()) continue;
      const Status status = words.starts_with('/') ? obey(words) : say(printable(line));
      if (!status) {
        report(status.error());
        if (status.error().code == Errc::llm_connection) return false;
      }
    }
  }

  // One message, its answer and nothing else on the output.
  Status say_once(const std::string& text, bool is_json) {
    if (is_json) {
      REVERIE_TRY(const Json answer, api_.post(messages_path(), message_body(text, false)));
      std::cout << answer.dump(2) << '\n';
      return {};
    }
    std::string failure;
    bool ends_line = true;
    const auto on_event = [&](const Json& event) {
      if (text_of(event, "message_type") == "error_message") failure = error_text(event);
      const std::string piece = printable(answer_text(event));
      if (!piece.empty()) ends_line = piece.ends_with('\n');
      std::cout << piece << std::flush;
    };
    const Status status = api_.stream(messages_path(), message_body(text, true), on_event);
    if (!ends_line) std::cout << '\n';
    if (!status && status.error().code == Errc::llm_cancelled) stop_run();
    if (!failure.empty()) return Error{Errc::upstream, failure, ""};
    return status;
  }

  void report(const Error& error) const {
    std::cerr << style_.red("reverie: " + printable(explained(error, address_))) << '\n';
  }

 private:
  std::string path() const { return "/v1/agents/" + url_encoded(text_of(agent_, "id")); }
  std::string messages_path() const { return path() + "/messages"; }

  Status say(const std::string& text) {
    ChatRenderer renderer(style_, terminal_columns());
    InterruptFlag::clear();
    const Status status =
      api_.stream(messages_path(), message_body(text, true),
                  [&](const Json& event) { std::cout << renderer.on_event(event) << std::flush; });
    std::cout << renderer.finish();
    if (!status && status.error().code == Errc::llm_cancelled) {
      std::cout << style_.dim(stop_run() ? "(stopped)" : "(no longer listening)") << "\n\n";
      return {};
    }
    std::cout << '\n';
    return status;
  }

  // The run would go on without its reader.
  bool stop_run() {
    InterruptFlag::clear();
    return static_cast<bool>(api_.post(messages_path() + "/cancel", Json::object()));
  }

  Status obey(const std::string& line) {
    const std::size_t space = line.find(' ');
    const std::string command = line.substr(0, space);
    const std::string argument = space == std::string::npos ? "" : line.substr(space + 1);
    if (command == "/memory") return show_memory();
    if (command == "/agents") return show_agents();
    if (command == "/new" || command == "/use") {
      REVERIE_CHECK(command == "/new" ? make(argument) : use(argument));
      greet();
      return {};
    }
    std::cout << (command == "/help" ? "" : "There is no " + command + ". There are:\n") << help
              << '\n';
    return {};
  }

  Status use(const std::string& name) {
    if (name.empty()) return Error{Errc::bad_request, "which agent? /use NAME", ""};
    REVERIE_TRY(agent_, find_agent(api_, name));
    is_new_ = false;
    return {};
  }

  Status show_memory() {
    REVERIE_TRY(const Json blocks, api_.get(path() + "/core-memory/blocks"));
    if (!blocks.is_array() || blocks.empty()) std::cout << style_.dim("(no memory blocks)") << '\n';
    for (const Json& block : blocks) std::cout << block_text(block, style_);
    std::cout << '\n';
    return {};
  }

  Status show_agents() {
    REVERIE_TRY(const Json agents, api_.get("/v1/agents/?limit=50"));
    std::cout << agents_table(agents, style_) << '\n';
    return {};
  }

  const ServerAddress& address_;
  ApiClient api_;
  std::string model_;
  Style style_;
  Json agent_;
  bool is_new_ = false;
};

std::string message_of(const ChatCommand& command) {
  if (*command.message != "-") return *command.message;
  return {std::istreambuf_iterator<char>(std::cin), {}};
}

}  // namespace

int run_chat(const ChatCommand& command, const ServerAddress& address, const Style& style) {
  Chat chat(address, command.model, style);
  const InterruptFlag interrupts;
  if (const Status status = chat.open(command.agent); !status) {
    chat.report(status.error());
    return 1;
  }
  if (!command.message) {
    chat.greet();
    return chat.talk() ? 0 : 1;
  }
  if (const Status status = chat.say_once(message_of(command), command.is_json); !status) {
    chat.report(status.error());
    return 1;
  }
  return 0;
}

Json new_agent_body(const std::string& name, const std::string& model) {
  const Json persona{{"label", "persona"},
                     {"value",
                      "I am a companion who remembers. What people tell me about themselves I keep "
                      "in my memory, so that the next conversation goes on where this one ends. "
                      "I answer plainly and briefly."}};
  Json body{{"model", model},
            {"memory_blocks", Json::array({{{"label", "human"}, {"value", ""}}, persona})}};
  if (!name.empty()) body["name"] = name;
  return body;
}

std::string first_model(const Json& models) {
  if (!models.is_array() || models.empty()) return "";
  return text_of(models[0], "handle");
}

}  // namespace reverie
