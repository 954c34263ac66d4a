// Requests on runs and steps.

#pragma once

#include "config/json.hpp"
#include "runtime/requests/owner.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

struct ListRuns {
  std::optional<std::string> before;
  std::optional<std::string> after;
  std::optional<std::int64_t> limit;
  std::optional<std::string> order;
  std::optional<std::string> order_by;
  std::optional<std::string> agent_id;
  std::vector<std::string> agent_ids;
  std::vector<std::string> statuses;
  std::optional<bool> background;
  std::optional<std::string> stop_reason;
  std::optional<std::string> conversation_id;
  std::optional<bool> active;
  std::optional<bool> ascending;

  static constexpr std::string_view type_name = "ListRuns";
  static constexpr Owner owner = Owner::scanner;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "before", &ListRuns::before, "Id before which the page ends.").from(In::query),
      field(2, "after", &ListRuns::after, "Id behind which the page starts.").from(In::query),
      field(3, "limit", &ListRuns::limit, "How many to return.").from(In::query),
      field(4, "order", &ListRuns::order, "asc or desc.").from(In::query),
      field(5, "order_by", &ListRuns::order_by, "The field to sort by.").from(In::query),
      field(6, "agent_id", &ListRuns::agent_id).from(In::query),
      field(7, "agent_ids", &ListRuns::agent_ids).from(In::query),
      field(8, "statuses", &ListRuns::statuses).from(In::query),
      field(9, "background", &ListRuns::background).from(In::query),
      field(10, "stop_reason", &ListRuns::stop_reason).from(In::query),
      field(11, "conversation_id", &ListRuns::conversation_id).from(In::query),
      field(12, "active", &ListRuns::active).from(In::query),
      field(13, "ascending", &ListRuns::ascending).from(In::query),
    };
  }
  bool operator==(const ListRuns&) const = default;
};

struct RetrieveRun {
  std::string run_id;

  static constexpr std::string_view type_name = "RetrieveRun";
  static constexpr Owner owner = Owner::reader;
  const std::string& object_id() const { return run_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "run_id", &RetrieveRun::run_id).from(In::path),
    };
  }
  bool operator==(const RetrieveRun&) const = default;
};

struct ListRunMessages {
  std::string run_id;
  std::optional<std::string> before;
  std::optional<std::string> after;
  std::optional<std::int64_t> limit;
  std::optional<std::string> order;
  std::optional<std::string> order_by;

  static constexpr std::string_view type_name = "ListRunMessages";
  static constexpr Owner owner = Owner::reader;
  const std::string& object_id() const { return run_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "run_id", &ListRunMessages::run_id).from(In::path),
      field(2, "before", &ListRunMessages::before, "Id before which the page ends.")
        .from(In::query),
      field(3, "after", &ListRunMessages::after, "Id behind which the page starts.")
        .from(In::query),
      field(4, "limit", &ListRunMessages::limit, "How many to return.").from(In::query),
      field(5, "order", &ListRunMessages::order, "asc or desc.").from(In::query),
      field(6, "order_by", &ListRunMessages::order_by, "The field to sort by.").from(In::query),
    };
  }
  bool operator==(const ListRunMessages&) const = default;
};

struct ListRunSteps {
  std::string run_id;
  std::optional<std::string> before;
  std::optional<std::string> after;
  std::optional<std::int64_t> limit;
  std::optional<std::string> order;
  std::optional<std::string> order_by;

  static constexpr std::string_view type_name = "ListRunSteps";
  static constexpr Owner owner = Owner::reader;
  const std::string& object_id() const { return run_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "run_id", &ListRunSteps::run_id).from(In::path),
      field(2, "before", &ListRunSteps::before, "Id before which the page ends.").from(In::query),
      field(3, "after", &ListRunSteps::after, "Id behind which the page starts.").from(In::query),
      field(4, "limit", &ListRunSteps::limit, "How many to return.").from(In::query),
      field(5, "order", &ListRunSteps::order, "asc or desc.").from(In::query),
      field(6, "order_by", &ListRunSteps::order_by, "The field to sort by.").from(In::query),
    };
  }
  bool operator==(const ListRunSteps&) const = default;
};

struct RetrieveRunUsage {
  std::string run_id;

  static constexpr std::string_view type_name = "RetrieveRunUsage";
  static constexpr Owner owner = Owner::reader;
  const std::string& object_id() const { return run_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "run_id", &RetrieveRunUsage::run_id).from(In::path),
    };
  }
  bool operator==(const RetrieveRunUsage&) const = default;
};

struct RetrieveRunMetrics {
  std::string run_id;

  static constexpr std::string_view type_name = "RetrieveRunMetrics";
  static constexpr Owner owner = Owner::reader;
  const std::string& object_id() const { return run_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "run_id", &RetrieveRunMetrics::run_id).from(In::path),
    };
  }
  bool operator==(const RetrieveRunMetrics&) const = default;
};

struct RetrieveRunTrace {
  std::string run_id;
  std::optional<std::int64_t> limit;

  static constexpr std::string_view type_name = "RetrieveRunTrace";
  static constexpr Owner owner = Owner::reader;
  const std::string& object_id() const { return run_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "run_id", &RetrieveRunTrace::run_id).from(In::path),
      field(2, "limit", &RetrieveRunTrace::limit).from(In::query),
    };
  }
  bool operator==(const RetrieveRunTrace&) const = default;
};

// Listens to a background run, from the event behind `starting_after` on.
struct ResumeStream {
  std::optional<std::string> conversation_id;  // as in SendMessage: its run under way
  std::optional<std::string> run_id;           // instead
  std::optional<std::string> otid;             // of the message that started the run, instead
  std::int64_t starting_after = 0;

  static constexpr std::string_view type_name = "ResumeStream";
  static constexpr Owner owner = Owner::agent;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "conversation_id", &ResumeStream::conversation_id),
      field(2, "run_id", &ResumeStream::run_id),
      field(3, "otid", &ResumeStream::otid),
      field(4, "starting_after", &ResumeStream::starting_after),
    };
  }
  bool operator==(const ResumeStream&) const = default;
};

// As clients ask for it by the run.
struct StreamRun {
  std::string run_id;
  std::int64_t starting_after = 0;
  std::optional<bool> include_pings;

  static constexpr std::string_view type_name = "StreamRun";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "run_id", &StreamRun::run_id).from(In::path),
      field(2, "starting_after", &StreamRun::starting_after,
            "The seq_id of the last event that the client has."),
      field(3, "include_pings", &StreamRun::include_pings),
    };
  }
};

struct DeleteRun {
  std::string run_id;

  static constexpr std::string_view type_name = "DeleteRun";
  static constexpr Owner owner = Owner::agent;
  const std::string& object_id() const { return run_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "run_id", &DeleteRun::run_id).from(In::path),
    };
  }
  bool operator==(const DeleteRun&) const = default;
};

struct ListSteps {
  std::optional<std::string> before;
  std::optional<std::string> after;
  std::optional<std::int64_t> limit;
  std::optional<std::string> order;
  std::optional<std::string> order_by;
  std::optional<std::string> start_date;
  std::optional<std::string> end_date;
  std::optional<std::string> model;
  std::optional<std::string> agent_id;
  std::vector<std::string> trace_ids;
  std::optional<std::string> feedback;
  std::optional<bool> has_feedback;
  std::vector<std::string> tags;
  std::optional<std::string> project_id;

  static constexpr std::string_view type_name = "ListSteps";
  static constexpr Owner owner = Owner::scanner;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "before", &ListSteps::before, "Id before which the page ends.").from(In::query),
      field(2, "after", &ListSteps::after, "Id behind which the page starts.").from(In::query),
      field(3, "limit", &ListSteps::limit, "How many to return.").from(In::query),
      field(4, "order", &ListSteps::order, "asc or desc.").from(In::query),
      field(5, "order_by", &ListSteps::order_by, "The field to sort by.").from(In::query),
      field(6, "start_date", &ListSteps::start_date).from(In::query),
      field(7, "end_date", &ListSteps::end_date).from(In::query),
      field(8, "model", &ListSteps::model).from(In::query),
      field(9, "agent_id", &ListSteps::agent_id).from(In::query),
      field(10, "trace_ids", &ListSteps::trace_ids).from(In::query),
      field(11, "feedback", &ListSteps::feedback).from(In::query),
      field(12, "has_feedback", &ListSteps::has_feedback).from(In::query),
      field(13, "tags", &ListSteps::tags).from(In::query),
      field(14, "project_id", &ListSteps::project_id).from(In::query),
    };
  }
  bool operator==(const ListSteps&) const = default;
};

struct RetrieveStep {
  std::string step_id;

  static constexpr std::string_view type_name = "RetrieveStep";
  static constexpr Owner owner = Owner::reader;
  const std::string& object_id() const { return step_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "step_id", &RetrieveStep::step_id).from(In::path),
    };
  }
  bool operator==(const RetrieveStep&) const = default;
};

struct ListStepMessages {
  std::string step_id;
  std::optional<std::string> before;
  std::optional<std::string> after;
  std::optional<std::int64_t> limit;
  std::optional<std::string> order;
  std::optional<std::string> order_by;

  static constexpr std::string_view type_name = "ListStepMessages";
  static constexpr Owner owner = Owner::reader;
  const std::string& object_id() const { return step_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "step_id", &ListStepMessages::step_id).from(In::path),
      field(2, "before", &ListStepMessages::before, "Id before which the page ends.")
        .from(In::query),
      field(3, "after", &ListStepMessages::after, "Id behind which the page starts.")
        .from(In::query),
      field(4, "limit", &ListStepMessages::limit, "How many to return.").from(In::query),
      field(5, "order", &ListStepMessages::order, "asc or desc.").from(In::query),
      field(6, "order_by", &ListStepMessages::order_by, "The field to sort by.").from(In::query),
    };
  }
  bool operator==(const ListStepMessages&) const = default;
};

struct RetrieveStepMetrics {
  std::string step_id;

  static constexpr std::string_view type_name = "RetrieveStepMetrics";
  static constexpr Owner owner = Owner::reader;
  const std::string& object_id() const { return step_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "step_id", &RetrieveStepMetrics::step_id).from(In::path),
    };
  }
  bool operator==(const RetrieveStepMetrics&) const = default;
};

struct RetrieveStepTrace {
  std::string step_id;

  static constexpr std::string_view type_name = "RetrieveStepTrace";
  static constexpr Owner owner = Owner::reader;
  const std::string& object_id() const { return step_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "step_id", &RetrieveStepTrace::step_id).from(In::path),
    };
  }
  bool operator==(const RetrieveStepTrace&) const = default;
};

struct ModifyStepFeedback {
  std::string step_id;
  Patch<std::string> feedback;
  std::optional<std::vector<std::string>> tags;

  static constexpr std::string_view type_name = "ModifyStepFeedback";
  static constexpr Owner owner = Owner::agent;
  const std::string& object_id() const { return step_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "step_id", &ModifyStepFeedback::step_id).from(In::path),
      field(2, "feedback", &ModifyStepFeedback::feedback),
      field(3, "tags", &ModifyStepFeedback::tags),
    };
  }
  bool operator==(const ModifyStepFeedback&) const = default;
};

struct ModifyStepTransaction {
  std::string step_id;
  std::string transaction_id;

  static constexpr std::string_view type_name = "ModifyStepTransaction";
  static constexpr Owner owner = Owner::agent;
  const std::string& object_id() const { return step_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "step_id", &ModifyStepTransaction::step_id).from(In::path),
      field(2, "transaction_id", &ModifyStepTransaction::transaction_id).from(In::path),
    };
  }
  bool operator==(const ModifyStepTransaction&) const = default;
};

}  // namespace reverie
