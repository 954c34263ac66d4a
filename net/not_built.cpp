#include "net/not_built.hpp"

#include <string>

namespace reverie {

namespace {

// A line goes when its route is added.
constexpr ContractOperation not_built[] = {
  // _internal_agents
  {Method::get, "/v1/_internal_agents/count", "count_internal_agents"},
  {Method::patch, "/v1/_internal_agents/{agent_id}/core-memory/blocks/{block_label}",
   "modify_internal_core_memory_block"},
  // _internal_blocks
  {Method::get, "/v1/_internal_blocks/", "list_internal_blocks"},
  {Method::post, "/v1/_internal_blocks/", "create_internal_block"},
  {Method::del, "/v1/_internal_blocks/{block_id}", "delete_internal_block"},
  {Method::get, "/v1/_internal_blocks/{block_id}/agents", "list_agents_for_internal_block"},
  // _internal_runs
  {Method::get, "/v1/_internal_runs/", "list_internal_runs"},
  // _internal_search
  {Method::post, "/v1/_internal_search/cache-warm", "warm_internal_search_cache"},
  // _internal_templates
  {Method::post, "/v1/_internal_templates/agents", "create_internal_template_agent"},
  {Method::post, "/v1/_internal_templates/blocks", "create_internal_template_block"},
  {Method::post, "/v1/_internal_templates/blocks/batch", "create_internal_template_blocks_batch"},
  {Method::get, "/v1/_internal_templates/deployment/{deployment_id}", "list_deployment_entities"},
  {Method::del, "/v1/_internal_templates/deployment/{deployment_id}", "delete_deployment"},
  {Method::post, "/v1/_internal_templates/groups", "create_internal_template_group"},
  // organization
  {Method::get, "/v1/admin/orgs/", "list_orgs"},
  {Method::post, "/v1/admin/orgs/", "create_organization"},
  {Method::patch, "/v1/admin/orgs/", "update_organization"},
  {Method::del, "/v1/admin/orgs/", "delete_organization_by_id"},
  // users
  {Method::get, "/v1/admin/users/", "list_users"},
  {Method::post, "/v1/admin/users/", "create_user"},
  {Method::put, "/v1/admin/users/", "update_user"},
  {Method::del, "/v1/admin/users/", "delete_user"},
  // agents
  {Method::post, "/v1/agents/import", "import_agent"},
  {Method::post, "/v1/agents/messages/search", "search_messages"},
  {Method::get, "/v1/agents/{agent_id}/archival-memory", "list_passages"},
  {Method::post, "/v1/agents/{agent_id}/archival-memory", "create_passage"},
  {Method::get, "/v1/agents/{agent_id}/archival-memory/search", "search_archival_memory"},
  {Method::del, "/v1/agents/{agent_id}/archival-memory/{memory_id}", "delete_passage"},
  {Method::patch, "/v1/agents/{agent_id}/archives/attach/{archive_id}", "attach_archive_to_agent"},
  {Method::patch, "/v1/agents/{agent_id}/archives/detach/{archive_id}",
   "detach_archive_from_agent"},
  {Method::get, "/v1/agents/{agent_id}/export", "export_agent"},
  {Method::post, "/v1/agents/{agent_id}/export", "export_agent_with_skills"},
  {Method::get, "/v1/agents/{agent_id}/files", "list_files_for_agent"},
  {Method::patch, "/v1/agents/{agent_id}/files/close-all", "close_all_files_for_agent"},
  {Method::patch, "/v1/agents/{agent_id}/files/{file_id}/close", "close_file_for_agent"},
  {Method::patch, "/v1/agents/{agent_id}/files/{file_id}/open", "open_file_for_agent"},
  {Method::get, "/v1/agents/{agent_id}/folders", "list_folders_for_agent"},
  {Method::patch, "/v1/agents/{agent_id}/folders/attach/{folder_id}", "attach_folder_to_agent"},
  {Method::patch, "/v1/agents/{agent_id}/folders/detach/{folder_id}", "detach_folder_from_agent"},
  {Method::get, "/v1/agents/{agent_id}/groups", "list_groups_for_agent"},
  {Method::patch, "/v1/agents/{agent_id}/identities/attach/{identity_id}",
   "attach_identity_to_agent"},
  {Method::patch, "/v1/agents/{agent_id}/identities/detach/{identity_id}",
   "detach_identity_from_agent"},
  {Method::get, "/v1/agents/{agent_id}/sources", "list_agent_sources"},
  {Method::patch, "/v1/agents/{agent_id}/sources/attach/{source_id}", "attach_source_to_agent"},
  {Method::patch, "/v1/agents/{agent_id}/sources/detach/{source_id}", "detach_source_from_agent"},
  // archives
  {Method::get, "/v1/archives/", "list_archives"},
  {Method::post, "/v1/archives/", "create_archive"},
  {Method::get, "/v1/archives/{archive_id}", "retrieve_archive"},
  {Method::patch, "/v1/archives/{archive_id}", "modify_archive"},
  {Method::del, "/v1/archives/{archive_id}", "delete_archive"},
  {Method::get, "/v1/archives/{archive_id}/agents", "list_agents_for_archive"},
  {Method::post, "/v1/archives/{archive_id}/passages", "create_passage_in_archive"},
  {Method::post, "/v1/archives/{archive_id}/passages/batch", "create_passages_in_archive"},
  {Method::del, "/v1/archives/{archive_id}/passages/{passage_id}", "delete_passage_from_archive"},
  // auth
  {Method::post, "/v1/auth", "authenticate_user_v1_auth_post"},
  // blocks
  {Method::patch, "/v1/blocks/{block_id}/identities/attach/{identity_id}",
   "attach_identity_to_block"},
  {Method::patch, "/v1/blocks/{block_id}/identities/detach/{identity_id}",
   "detach_identity_from_block"},
  // chat
  {Method::post, "/v1/chat/completions", "create_chat_completion"},
  // embeddings
  {Method::get, "/v1/embeddings/total_storage_size", "get_total_storage_size"},
  // folders
  {Method::get, "/v1/folders/", "list_folders"},
  {Method::post, "/v1/folders/", "create_folder"},
  {Method::get, "/v1/folders/count", "count_folders"},
  {Method::get, "/v1/folders/metadata", "retrieve_metadata"},
  {Method::get, "/v1/folders/name/{folder_name}", "get_folder_by_name"},
  {Method::get, "/v1/folders/{folder_id}", "retrieve_folder"},
  {Method::patch, "/v1/folders/{folder_id}", "modify_folder"},
  {Method::del, "/v1/folders/{folder_id}", "delete_folder"},
  {Method::get, "/v1/folders/{folder_id}/agents", "list_agents_for_folder"},
  {Method::get, "/v1/folders/{folder_id}/files", "list_files_for_folder"},
  {Method::get, "/v1/folders/{folder_id}/files/{file_id}", "retrieve_file"},
  {Method::get, "/v1/folders/{folder_id}/passages", "list_folder_passages"},
  {Method::post, "/v1/folders/{folder_id}/upload", "upload_file_to_folder"},
  {Method::del, "/v1/folders/{folder_id}/{file_id}", "delete_file_from_folder"},
  // groups
  {Method::get, "/v1/groups/", "list_groups"},
  {Method::post, "/v1/groups/", "create_group"},
  {Method::get, "/v1/groups/count", "count_groups"},
  {Method::get, "/v1/groups/{group_id}", "retrieve_group"},
  {Method::patch, "/v1/groups/{group_id}", "modify_group"},
  {Method::del, "/v1/groups/{group_id}", "delete_group"},
  {Method::patch, "/v1/groups/{group_id}/blocks/attach/{block_id}", "attach_block_to_group"},
  {Method::patch, "/v1/groups/{group_id}/blocks/detach/{block_id}", "detach_block_from_group"},
  {Method::get, "/v1/groups/{group_id}/messages", "list_group_messages"},
  {Method::patch, "/v1/groups/{group_id}/messages/{message_id}", "modify_group_message"},
  {Method::patch, "/v1/groups/{group_id}/reset-messages", "reset_group_messages"},
  // identities
  {Method::get, "/v1/identities/", "list_identities"},
  {Method::post, "/v1/identities/", "create_identity"},
  {Method::put, "/v1/identities/", "upsert_identity"},
  {Method::get, "/v1/identities/count", "count_identities"},
  {Method::get, "/v1/identities/{identity_id}", "retrieve_identity"},
  {Method::patch, "/v1/identities/{identity_id}", "update_identity"},
  {Method::del, "/v1/identities/{identity_id}", "delete_identity"},
  {Method::get, "/v1/identities/{identity_id}/agents", "list_agents_for_identity"},
  {Method::get, "/v1/identities/{identity_id}/blocks", "list_blocks_for_identity"},
  {Method::put, "/v1/identities/{identity_id}/properties", "upsert_properties_for_identity"},
  // jobs
  {Method::get, "/v1/jobs/", "list_jobs"},
  {Method::get, "/v1/jobs/active", "list_active_jobs"},
  {Method::get, "/v1/jobs/{job_id}", "retrieve_job"},
  {Method::del, "/v1/jobs/{job_id}", "delete_job"},
  {Method::patch, "/v1/jobs/{job_id}/cancel", "cancel_job"},
  // messages
  {Method::get, "/v1/messages/batches", "list_batches"},
  {Method::post, "/v1/messages/batches", "create_batch"},
  {Method::get, "/v1/messages/batches/{batch_id}", "retrieve_batch"},
  {Method::patch, "/v1/messages/batches/{batch_id}/cancel", "cancel_batch"},
  {Method::get, "/v1/messages/batches/{batch_id}/messages", "list_messages_for_batch"},
  {Method::post, "/v1/messages/search", "search_all_messages"},
  // passages
  {Method::post, "/v1/passages/search", "search_passages"},
  // providers
  {Method::get, "/v1/providers/", "list_providers"},
  {Method::post, "/v1/providers/", "create_provider"},
  {Method::post, "/v1/providers/check", "check_provider"},
  {Method::get, "/v1/providers/{provider_id}", "retrieve_provider"},
  {Method::patch, "/v1/providers/{provider_id}", "modify_provider"},
  {Method::del, "/v1/providers/{provider_id}", "delete_provider"},
  {Method::post, "/v1/providers/{provider_id}/check", "check_existing_provider"},
  {Method::patch, "/v1/providers/{provider_id}/refresh", "refresh_provider_models"},
  // sandbox-config
  {Method::get, "/v1/sandbox-config/", "list_sandbox_configs_v1_sandbox_config__get"},
  {Method::post, "/v1/sandbox-config/", "create_sandbox_config_v1_sandbox_config__post"},
  {Method::post, "/v1/sandbox-config/e2b/default",
   "create_default_e2b_sandbox_config_v1_sandbox_config_e2b_default_post"},
  {Method::patch, "/v1/sandbox-config/environment-variable/{env_var_id}",
   "update_sandbox_env_var_v1_sandbox_config_environment_variable__env_var_id__patch"},
  {Method::del, "/v1/sandbox-config/environment-variable/{env_var_id}",
   "delete_sandbox_env_var_v1_sandbox_config_environment_variable__env_var_id__delete"},
  {Method::post, "/v1/sandbox-config/local",
   "create_custom_local_sandbox_config_v1_sandbox_config_local_post"},
  {Method::post, "/v1/sandbox-config/local/default",
   "create_default_local_sandbox_config_v1_sandbox_config_local_default_post"},
  {Method::post, "/v1/sandbox-config/local/recreate-venv",
   "force_recreate_local_sandbox_venv_v1_sandbox_config_local_recreate_venv_post"},
  {Method::patch, "/v1/sandbox-config/{sandbox_config_id}",
   "update_sandbox_config_v1_sandbox_config__sandbox_config_id__patch"},
  {Method::del, "/v1/sandbox-config/{sandbox_config_id}",
   "delete_sandbox_config_v1_sandbox_config__sandbox_config_id__delete"},
  {Method::get, "/v1/sandbox-config/{sandbox_config_id}/environment-variable",
   "list_sandbox_env_vars_v1_sandbox_config__sandbox_config_id__environment_variable_get"},
  {Method::post, "/v1/sandbox-config/{sandbox_config_id}/environment-variable",
   "create_sandbox_env_var_v1_sandbox_config__sandbox_config_id__environment_variable_post"},
  // sources
  {Method::get, "/v1/sources/", "list_sources"},
  {Method::post, "/v1/sources/", "create_source"},
  {Method::get, "/v1/sources/count", "count_sources"},
  {Method::get, "/v1/sources/metadata", "get_sources_metadata"},
  {Method::get, "/v1/sources/name/{source_name}", "get_source_id_by_name"},
  {Method::get, "/v1/sources/{source_id}", "retrieve_source"},
  {Method::patch, "/v1/sources/{source_id}", "modify_source"},
  {Method::del, "/v1/sources/{source_id}", "delete_source"},
  {Method::get, "/v1/sources/{source_id}/agents", "get_agents_for_source"},
  {Method::get, "/v1/sources/{source_id}/files", "list_source_files"},
  {Method::get, "/v1/sources/{source_id}/files/{file_id}", "get_file_metadata"},
  {Method::get, "/v1/sources/{source_id}/passages", "list_source_passages"},
  {Method::post, "/v1/sources/{source_id}/upload", "upload_file_to_source"},
  {Method::del, "/v1/sources/{source_id}/{file_id}", "delete_file_from_source"},
  // tools
  {Method::post, "/v1/tools/generate-tool", "generate_tool"},
  {Method::get, "/v1/tools/mcp/oauth/callback", "mcp_oauth_callback"},
  // voice
  {Method::post, "/v1/voice-beta/{agent_id}/chat/completions", "create_voice_chat_completions"},
};

constexpr ContractOperation hosted_only[] = {
  // agents
  {Method::get, "/v1/agents/{agent_id}/mcp-servers", "list_agent_mcp_servers"},
  {Method::get, "/v1/agents/{agent_id}/mcp-servers/{mcp_server_id}/tools",
   "list_agent_mcp_server_tools"},
  {Method::post, "/v1/agents/{agent_id}/mcp-servers/{mcp_server_id}/tools/{tool_id}/run",
   "run_agent_mcp_tool"},
  // repositories
  {Method::get, "/v1/agents/{agent_id}/repositories", "list_agent_repositories"},
  // scheduledMessages
  {Method::get, "/v1/agents/{agent_id}/schedule", "scheduledMessages_listScheduledMessages"},
  {Method::post, "/v1/agents/{agent_id}/schedule", "scheduledMessages_scheduleAgentMessage"},
  {Method::get, "/v1/agents/{agent_id}/schedule/{scheduled_message_id}",
   "scheduledMessages_retrieveScheduledMessage"},
  {Method::del, "/v1/agents/{agent_id}/schedule/{scheduled_message_id}",
   "scheduledMessages_deleteScheduledMessage"},
  // agents
  {Method::get, "/v1/agents/{agent_id}/secrets", "list_agent_secrets"},
  // clientSideAccessTokens
  {Method::get, "/v1/client-side-access-tokens",
   "clientSideAccessTokens_listClientSideAccessTokens"},
  {Method::post, "/v1/client-side-access-tokens",
   "clientSideAccessTokens_createClientSideAccessToken"},
  {Method::del, "/v1/client-side-access-tokens/{token}",
   "clientSideAccessTokens_deleteClientSideAccessToken"},
  // conversations
  {Method::post, "/v1/conversations/ephemeral", "create_ephemeral_conversation"},
  {Method::post, "/v1/conversations/search", "search_conversations"},
  {Method::post, "/v1/conversations/{conversation_id}/summarize",
   "summarize_text_for_conversation"},
  // environments
  {Method::get, "/v1/environments", "environments_listConnections"},
  {Method::post, "/v1/environments/{connectionId}/messages", "environments_sendMessage"},
  {Method::get, "/v1/environments/{deviceId}", "environments_getConnection"},
  // metadata
  {Method::get, "/v1/metadata/balance", "metadata_balance"},
  {Method::get, "/v1/metadata/user", "metadata_user"},
  // models
  {Method::get, "/v1/models/catalog", "list_model_catalog"},
  // templates
  {Method::post, "/v1/templates", "templates_createTemplateNoProject"},
  {Method::patch, "/v1/templates/{template_name}",
   "templates_updateCurrentTemplateFromAgentFileNoProject"},
  {Method::del, "/v1/templates/{template_name}", "templates_deleteTemplateNoProject"},
  {Method::post, "/v1/templates/{template_name}/rollback", "templates_rollbackTemplateNoProject"},
  {Method::post, "/v1/templates/{template_name}/save", "templates_saveTemplateVersionNoProject"},
  {Method::post, "/v1/templates/{template_version}/agents",
   "templates_createAgentsFromTemplateNoProject"},
};

}  // namespace

std::span<const ContractOperation> not_built_operations() {
  return not_built;
}

std::span<const ContractOperation> hosted_only_operations() {
  return hosted_only;
}

HttpResponse not_built_response(std::string_view operation_id) {
  return error_response({Errc::not_built,
                         std::string(operation_id) + " is not built yet in this release of reverie",
                         "route"});
}

}  // namespace reverie
