// The tools of MCP servers, as agents call them.

#pragma once

#include "config/settings.hpp"
#include "runtime/mcp/mcp_client.hpp"
#include "runtime/tools/external_tool.hpp"
#include "storage/secret_box.hpp"
#include "storage/store.hpp"

#include <string>

namespace reverie {

class McpTools final : public ExternalTools {
 public:
  // All of them outlive this. `secrets`: null: none are stored.
  McpTools(McpClient& client, const Store& store, const SecretBox* secrets,
           const McpSettings& settings)
    : client_(client), store_(store), secrets_(secrets), settings_(settings) {}

  bool runs(const Tool& tool) const override;
  // Where the server says so of it.
  bool is_repeatable(const Tool& tool) const override;
  // The secrets of the agent are the variables of the server's headers. Their values, and those of
  // the headers, are masked in what comes back.
  void run(ExternalCall call, OnOutcome on_outcome) override;
  void cancel(const std::string& id) override { client_.cancel(id); }

 private:
  McpClient& client_;
  const Store& store_;
  const SecretBox* secrets_;
  const McpSettings& settings_;
};

}  // namespace reverie
