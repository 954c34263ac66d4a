#include "net/cli/command_line.hpp"

#include "config/load.hpp"
#include "config/log_line.hpp"
#include "config/logging.hpp"
#include "config/random.hpp"
#include "net/cli/agents.hpp"
#include "net/cli/backup.hpp"
#include "net/cli/chat.hpp"
#include "net/cli/config.hpp"
#include "net/cli/doctor.hpp"
#include "net/cli/serve.hpp"
#include "net/cli/settings_flags.hpp"
#include "net/cli/terminal.hpp"
#include "net/cli/version.hpp"

#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

namespace reverie {
namespace {

constexpr int failed = 1;
constexpr int misunderstood = 2;

// 128 bits, as 32 hexadecimal digits.
std::string new_password() {
  SystemRandom random;
  return fmt::format("{:016x}{:016x}", random.next(), random.next());
}

// The words of the command line and what they are bound to. CLI11 writes into the members.
class CommandLine {
 public:
  explicit CommandLine(const Environment& environment)
    : environment_(environment),
      style_(Style::of(STDOUT_FILENO, environment)),
      app_("reverie, a server for agents that remember", "reverie") {
    app_.require_subcommand(0, 1);  // none: the help
    add_serve();
    add_chat();
    add_agents();
    add_config();
    add_doctor();
    add_backup();
    add_restore();
    command("version", "What this program is made of", [] {
      std::cout << version_text();
      return 0;
    });
  }
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  int run(int argc, const char* const* argv) {
    set_up_logging({"error", "text"});  // until `serve` knows better
    try {
      app_.parse(argc, argv);
    } catch (const CLI::Success& success) {
      return app_.exit(success);
    } catch (const CLI::ExtrasError&) {
      const std::string word = app_.remaining(true).front();
      const bool is_command = app_.get_subcommands().empty() && !word.starts_with('-');
      return refuse_name(is_command ? "command" : "argument", word.substr(0, word.find('=')),
                         flag_meant_by(word));
    } catch (const CLI::ParseError& error) {
      std::cerr << "reverie: " << error.what() << "\nreverie --help lists the commands\n";
      return misunderstood;
    }
    const auto chosen = app_.get_subcommands();
    if (!chosen.empty()) return actions_.at(chosen.front()->get_name())();
    std::cout << app_.help();
    return misunderstood;
  }

 private:
  CLI::App* command(const std::string& name, const std::string& doc, std::function<int()> action) {
    actions_[name] = std::move(action);
    return app_.add_subcommand(name, doc);
  }

  void add_serve() {
    CLI::App* serve = command("serve", "Run the server in the foreground", [this] {
      return with_settings([](const LoadedSettings& loaded) { return start_server(loaded); });
    });
    flags_.add_to(*serve);
  }

  static int start_server(const LoadedSettings& loaded) {
    if (const Status exposure = check_exposure(loaded.settings); !exposure)
      return report(exposure.error(), misunderstood);
    set_up_logging(loaded.settings.log);
    for (const std::string& notice : loaded.notices) log_info("settings: {}", notice);
    Settings settings = loaded.settings;
    if (requires_authentication(settings) && settings.server.password.empty()) {
      settings.server.password = new_password();
      // Not a log line: those are kept, and read by others than who started this.
      std::cerr << "The password of this server, until it stops: " << settings.server.password
                << '\n';
    }
    return run_serve(settings);
  }

  void add_chat() {
    CLI::App* chat = command("chat", "Talk to an agent",
                             [this] { return run_chat(chat_, client_address(), style_); });
    add_url(*chat);
    chat->add_option("--agent", chat_.agent, "Name or id; a new name makes a new agent")
      ->capture_default_str();
    chat->add_option("--model", chat_.model, "Model of a new agent, such as openai/gpt-4o-mini");
    chat->add_option("-m,--message", chat_.message, "Say this, print the answer, end; - reads it");
    chat->add_flag("--json", chat_.is_json, "With -m: the whole answer as JSON");
  }

  void add_agents() {
    CLI::App* agents = command("agents", "List, show or delete agents",
                               [this] { return run_agents(agents_, client_address(), style_); });
    add_url(*agents);
    const auto add_common = [this](CLI::App& app) {
      app.add_flag("--json", agents_.is_json, "As JSON");
    };
    const auto add = [&](const char* name, const char* doc, AgentsCommand::Action action) {
      CLI::App* app = agents->add_subcommand(name, doc);
      app->final_callback([this, action] { agents_.action = action; });
      add_common(*app);
      return app;
    };
    add_common(*agents);
    agents->add_option("--limit", agents_.limit, "How many")->check(CLI::Range(1, 1'000'000));
    add("list", "The newest first", AgentsCommand::Action::list)
      ->add_option("--limit", agents_.limit, "How many")
      ->check(CLI::Range(1, 1'000'000));
    add("show", "One agent with its memory", AgentsCommand::Action::show)
      ->add_option("agent", agents_.agent, "Name or id")
      ->required();
    CLI::App* remove =
      add("delete", "An agent and all that it knows", AgentsCommand::Action::remove);
    remove->add_option("agent", agents_.agent, "Name or id")->required();
    remove->add_flag("-y,--yes", agents_.is_confirmed, "Without asking");
    agents->require_subcommand(0, 1);
  }

  void add_config() {
    CLI::App* config =
      command("config", "Every setting, its value and where that came from", [this] {
        if (is_markdown_) {
          std::cout << settings_markdown();
          return 0;
        }
        return with_settings([this](const LoadedSettings& loaded) { return show_config(loaded); });
      });
    config->add_option("option", option_name_, "Everything about one, such as server.port");
    config->add_flag("--markdown", is_markdown_, "The reference page of all settings");
    flags_.add_to(*config);
  }

  int show_config(const LoadedSettings& loaded) const {
    for (const std::string& notice : loaded.notices) std::cerr << "note: " << notice << '\n';
    if (option_name_.empty()) {
      std::cout << settings_table(loaded, style_);
      return 0;
    }
    const Option* option = find_option(option_name_);
    if (option == nullptr) return refuse_name("option", option_name_, nearest_option(option_name_));
    std::cout << option_text(*option, loaded, style_);
    return 0;
  }

  void add_doctor() {
    CLI::App* doctor = command("doctor", "Check the machine, the settings and the models", [this] {
      return with_settings(
        [this](const LoadedSettings& loaded) { return run_doctor(loaded, environment_, style_); });
    });
    flags_.add_to(*doctor);
  }

  void add_backup() {
    CLI::App* backup = command("backup", "Copy all data, also while the server runs", [this] {
      return with_settings([this](const LoadedSettings& loaded) {
        const ServerAddress address = server_address(loaded.settings);
        if (const Status status = back_up(loaded.settings, address, path_); !status) {
          std::cerr << "reverie: " << printable(explained(status.error(), address)) << '\n';
          return failed;
        }
        std::cout << "copied to " << path_ << "; reverie restore brings it back\n";
        return 0;
      });
    });
    backup->add_option("directory", path_, "A new directory for the copy")->required();
    add_url(*backup);
    flags_.add_to(*backup);
  }

  void add_restore() {
    CLI::App* restore_app = command("restore", "Put a copy into an empty data directory", [this] {
      return with_settings([this](const LoadedSettings& loaded) {
        if (const Status status = restore(loaded.settings, path_); !status)
          return report(status.error(), failed);
        std::cout << "restored to " << loaded.settings.storage.data_dir
                  << "; reverie serve starts it\n";
        return 0;
      });
    });
    restore_app->add_option("directory", path_, "What reverie backup made")->required();
    flags_.add_to(*restore_app);
  }

  void add_url(CLI::App& app) {
    app.add_option("--url", url_, "The server (REVERIE_URL; http://127.0.0.1:8283)")
      ->type_name("URL");
  }

  // For commands that only talk to a server, whatever its settings.
  ServerAddress client_address() const {
    ServerAddress address;
    if (const auto url = environment_.first_of({"REVERIE_URL", "LETTA_BASE_URL"}))
      address.url = *url;
    if (!url_.empty()) address.url = url_;
    address.password =
      environment_.first_of({"REVERIE_PASSWORD", "REVERIE_API_KEY", "LETTA_API_KEY"}).value_or("");
    return address;
  }

  // For commands about the server that these settings start.
  ServerAddress server_address(const Settings& settings) const {
    ServerAddress address = client_address();
    if (!settings.server.password.empty()) address.password = settings.server.password;
    if (url_.empty()) address.url = local_url(settings.server);
    return address;
  }

  int with_settings(const std::function<int(const LoadedSettings&)>& action) const {
    const CLI::App& chosen = *app_.get_subcommands().front();
    const auto loaded = load_settings(flags_.sources(chosen, environment_));
    return loaded ? action(*loaded) : report(loaded.error(), misunderstood);
  }

  static int report(const Error& error, int code) {
    std::cerr << "reverie: " << (error.where.empty() ? "" : error.where + ": ") << error.message
              << '\n';
    return code;
  }

  static int refuse_name(std::string_view kind, const std::string& name, std::string_view near) {
    std::cerr << "reverie: there is no " << kind << " " << name;
    if (!near.empty()) std::cerr << "; did you mean " << near << "?";
    std::cerr << '\n';
    return misunderstood;
  }

  const Environment& environment_;
  Style style_;
  CLI::App app_;
  std::map<std::string, std::function<int()>> actions_;

  SettingsFlags flags_;
  ChatCommand chat_;
  AgentsCommand agents_;
  std::string url_;
  std::string option_name_;
  std::string path_;
  bool is_markdown_ = false;
};

}  // namespace

int run_command_line(int argc, const char* const* argv, const Environment& environment) {
  return CommandLine(environment).run(argc, argv);
}

}  // namespace reverie
