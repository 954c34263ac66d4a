#include "net/cli/doctor.hpp"

#include <algorithm>
#include <iostream>

namespace reverie {
namespace {

using Level = Finding::Level;

constexpr std::string_view first_model_text =
  "There is no language model yet: the built-in demo answers until there is one. Any of these\n"
  "adds one:\n"
  "\n"
  "  OPENAI_API_KEY=sk-... reverie serve\n"
  "  ANTHROPIC_API_KEY=sk-ant-... reverie serve\n"
  "  ollama pull qwen3:4b && reverie serve            Ollama on this machine is found by itself\n"
  "  OLLAMA_BASE_URL=http://HOST:11434 reverie serve  Ollama on another machine\n";

std::string mark_of(Level level, const Style& style) {
  switch (level) {
    case Level::ok: return style.green("✓");
    case Level::info: return style.dim("·");
    case Level::note: return style.yellow("!");
    default: return style.red("✗");
  }
}

// Written as they come: a provider that is slow to answer does not hold back the others' lines.
class Report {
 public:
  explicit Report(const Style& style) : style_(style) {}

  void add(const std::vector<Finding>& findings) {
    std::cout << findings_text(findings, style_) << std::flush;
    has_problem_ = has_problem_ || std::ranges::any_of(findings, [](const Finding& finding) {
                     return finding.level == Level::problem;
                   });
  }
  bool has_problem() const { return has_problem_; }

 private:
  const Style& style_;
  bool has_problem_ = false;
};

}  // namespace

int run_doctor(const LoadedSettings& loaded, const Environment& environment, const Style& style) {
  Report report(style);
  Outlook outlook;
  report.add(check_settings(loaded));
  report.add({check_port(loaded.settings, outlook.is_serving)});
  report.add({check_data_dir(loaded.settings.storage.data_dir)});
  report.add(check_disk(loaded.settings.storage.data_dir));
  report.add({check_sandbox(loaded.settings)});
  const ModelFindings models = check_models(loaded.settings.models, environment);
  report.add(models.findings);
  report.add(check_web(loaded.settings.web));

  outlook.models = models.models;
  outlook.has_problem = report.has_problem();
  std::cout << '\n' << next_text(outlook, style);
  return outlook.has_problem ? 1 : 0;
}

std::string findings_text(const std::vector<Finding>& findings, const Style& style) {
  std::string out;
  for (const Finding& finding : findings) {
    out += mark_of(finding.level, style) + " " + style.bold(finding.area)
           + std::string(10 - std::min<std::size_t>(finding.area.size(), 9), ' ')
           + one_line(finding.text) + "\n";
    if (!finding.advice.empty())
      out += std::string(12, ' ') + style.dim("→ " + one_line(finding.advice)) + "\n";
  }
  return out;
}

std::string next_text(const Outlook& outlook, const Style& style) {
  if (outlook.has_problem)
    return style.red("A server would not start.") + " What is marked ✗ above stops it.\n";
  std::string out;
  if (outlook.models == 0) out += std::string(first_model_text) + "\n";
  if (outlook.is_serving) return out + "A server is running. Talk to it:\n\n  reverie chat\n";
  if (outlook.models == 0) return out + "Or try it without:\n\n  reverie serve\n";
  return out + "All is well. Start it:\n\n  reverie serve\n";
}

}  // namespace reverie
