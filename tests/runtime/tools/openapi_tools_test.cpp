#include "runtime/tools/openapi_tools.hpp"

#include "config/json.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

constexpr std::string_view document = R"({
  "openapi": "3.0.3",
  "info": {"title": "Orders", "version": "1"},
  "servers": [{"url": "https://{region}.example.com/api/",
               "variables": {"region": {"default": "eu"}}}],
  "security": [{"bearerAuth": []}],
  "paths": {
    "/orders/{order-id}": {
      "parameters": [{"name": "order-id", "in": "path", "required": true,
                      "schema": {"type": "string"}, "description": "Which one."}],
      "get": {
        "operationId": "getOrder", "summary": "One order.",
        "parameters": [
          {"$ref": "#/components/parameters/Fields"},
          {"name": "X-Trace", "in": "header", "schema": {"type": "string"}},
          {"name": "session", "in": "cookie", "schema": {"type": "string"}}]
      },
      "put": {
        "summary": "Changes it.", "description": "All of it.",
        "requestBody": {"required": true, "content": {"application/json": {
          "schema": {"$ref": "#/components/schemas/Order"}}}}
      },
      "delete": {"operationId": "delete.order", "security": [{"api_key": []}]}
    },
    "/search": {
      "post": {
        "operationId": "search",
        "security": [],
        "requestBody": {"content": {"application/x-www-form-urlencoded": {
          "schema": {"type": "object", "properties": {"q": {"type": "string"}}}}}}
      }
    },
    "/batch": {
      "post": {
        "operationId": "batch",
        "requestBody": {"required": true, "description": "Orders.", "content": {
          "application/json": {"schema": {"type": "array",
                                          "items": {"$ref": "#/components/schemas/Order"}}}}}
      }
    }
  },
  "components": {
    "parameters": {"Fields": {"name": "fields[]", "in": "query",
                              "schema": {"type": "array", "items": {"type": "string"}}}},
    "schemas": {"Order": {"type": "object", "required": ["title"], "properties": {
      "title": {"type": "string", "example": "A chair"},
      "example": {"type": "integer"},
      "parent": {"$ref": "#/components/schemas/Order"}}}},
    "securitySchemes": {"bearerAuth": {"type": "http", "scheme": "bearer"},
                        "api_key": {"type": "apiKey", "in": "header", "name": "X-Key"}}
  }
})";

CreateToolsFromOpenapi request_of(std::string_view text) {
  CreateToolsFromOpenapi request;
  request.document = RawJson{std::string(text)};
  return request;
}

CreateTool tool_of(const std::string& operation, CreateToolsFromOpenapi request = request_of(document)) {
  request.operations = {operation};
  auto tools = tools_of_openapi(request);
  EXPECT_TRUE(tools) << tools.error().message;
  EXPECT_TRUE(!tools || tools->size() == 1U);
  return tools && !tools->empty() ? tools->front() : CreateTool();
}

Json schema_of(const CreateTool& tool) {
  return Json::parse(tool.json_schema.text);
}

Error refusal_of(const CreateToolsFromOpenapi& request) {
  const auto tools = tools_of_openapi(request);
  EXPECT_FALSE(tools);
  return tools ? Error() : tools.error();
}

TEST(OpenapiTools, AreOneForEachOperation) {
  const auto tools = tools_of_openapi(request_of(document));
  ASSERT_TRUE(tools) << tools.error().message;
  std::vector<std::string> names;
  for (const CreateTool& tool : *tools) {
    names.push_back(schema_of(tool).at("name"));
    EXPECT_EQ(tool.source_type, "http");
  }
  EXPECT_EQ(names, (std::vector<std::string>{"getOrder", "put_orders_order-id", "delete_order",
                                             "search", "batch"}));
}

TEST(OpenapiTools, HaveTheParametersAsArguments) {
  const CreateTool tool = tool_of("getOrder");
  EXPECT_EQ(tool.source_code,
            "GET https://eu.example.com/api/orders/{order_id}?fields%5B%5D={fields__}\n"
            "X-Trace: {X_Trace}\n"
            "Authorization: Bearer ${BEARER_AUTH}\n");
  const Json schema = schema_of(tool);
  EXPECT_EQ(schema.at("description"), "One order.");
  const Json& parameters = schema.at("parameters");
  EXPECT_EQ(parameters.at("properties").at("order_id"),
            Json({{"type", "string"}, {"description", "Which one."}}));
  EXPECT_EQ(parameters.at("properties").at("fields__").at("items"), Json({{"type", "string"}}));
  EXPECT_EQ(parameters.at("required"), Json({"order_id"}));
  EXPECT_FALSE(parameters.at("properties").contains("session")) << "no tool sends a cookie";
}

TEST(OpenapiTools, HaveTheMembersOfTheBodyAsArguments) {
  const CreateTool tool = tool_of("put_orders_order-id");
  EXPECT_EQ(tool.source_code, "PUT https://eu.example.com/api/orders/{order_id}\n"
                              "Authorization: Bearer ${BEARER_AUTH}\n");
  const Json schema = schema_of(tool);
  EXPECT_EQ(schema.at("description"), "Changes it.\n\nAll of it.");
  const Json& properties = schema.at("parameters").at("properties");
  EXPECT_EQ(properties.at("title"), Json({{"type", "string"}})) << "without its example";
  EXPECT_EQ(properties.at("example"), Json({{"type", "integer"}})) << "a property of that name";
  EXPECT_TRUE(properties.at("parent").at("properties").contains("title"));
  EXPECT_EQ(schema.at("parameters").at("required"), Json({"order_id", "title"}));
}

TEST(OpenapiTools, HaveAnyOtherBodyAsOneArgument) {
  const CreateTool tool = tool_of("batch");
  EXPECT_TRUE(tool.source_code.ends_with("\n\n{body}\n")) << tool.source_code;
  const Json schema = schema_of(tool);
  EXPECT_EQ(schema.at("parameters").at("properties").at("body").at("type"), "array");
  EXPECT_EQ(schema.at("parameters").at("required"), Json({"body"}));
}

TEST(OpenapiTools, SendFormsAndOtherKeys) {
  EXPECT_EQ(tool_of("search").source_code, "POST https://eu.example.com/api/search\n"
                                           "Content-Type: application/x-www-form-urlencoded\n");
  EXPECT_EQ(tool_of("delete_order").source_code,
            "DELETE https://eu.example.com/api/orders/{order_id}\nX-Key: ${API_KEY}\n");
}

TEST(OpenapiTools, TakeWhatTheRequestSays) {
  CreateToolsFromOpenapi request = request_of(document);
  request.server_url = "http://10.1.2.3:8080/";
  request.name_prefix = "shop_";
  request.headers = {{"authorization", "Token ${SHOP}"}};
  request.tags = std::vector<std::string>{"shop"};
  request.default_requires_approval = true;
  const CreateTool tool = tool_of("delete.order", request);
  EXPECT_EQ(schema_of(tool).at("name"), "shop_delete_order");
  EXPECT_TRUE(tool.source_code.starts_with("DELETE http://10.1.2.3:8080/orders/"))
    << tool.source_code;
  EXPECT_EQ(tool_of("batch", request).source_code.find("Bearer"), std::string::npos);
  EXPECT_EQ(tool.tags, request.tags);
  EXPECT_EQ(tool.default_requires_approval, true);
}

TEST(OpenapiTools, RefuseWhatIsNoSuchDocument) {
  EXPECT_EQ(refusal_of(request_of("{}")).where, "body.document");
  EXPECT_EQ(refusal_of(request_of(R"({"swagger": "2.0", "paths": {}})")).where, "body.document");
  EXPECT_EQ(refusal_of(request_of(R"({"openapi": "3.1.0"})")).where, "body.document");
  EXPECT_EQ(refusal_of(request_of(R"({"openapi": "3.1.0", "paths": {}})")).where, "body.document");
  EXPECT_EQ(refusal_of(request_of(R"({"openapi": "3.1.0", "paths": {"/a": {"get": {}}}})")).where,
            "body.server_url");
  CreateToolsFromOpenapi request = request_of(document);
  request.operations = {"getOrder", "getOrders"};
  EXPECT_EQ(refusal_of(request).where, "body.operations.1");
}

TEST(OpenapiTools, RefuseOperationsThatCannotBeTools) {
  const auto why = [](const std::string& operation) {
    return refusal_of(request_of(R"({"openapi": "3.1.0", "servers": [{"url": "https://a.example"}],
                                     "paths": {"/a": {"post": )"
                                 + operation + "}}}"))
      .message;
  };
  EXPECT_NE(why(R"({"requestBody": {"required": true, "content": {"image/png": {}}}})")
              .find("POST /a: its body is image/png"),
            std::string::npos);
  EXPECT_NE(why(R"({"parameters": [{"name": "s", "in": "cookie", "required": true}]})")
              .find("needs a cookie"),
            std::string::npos);
  EXPECT_NE(why(R"({"parameters": [{"$ref": "#/components/none"}]})").find("leads nowhere"),
            std::string::npos);
  EXPECT_NE(why(R"({"parameters": [{"name": "a-b", "in": "query"}, {"name": "a_b", "in": "query"}]})")
              .find("are called a_b"),
            std::string::npos);
}

TEST(OpenapiTools, EndAtSchemasThatGrowWithoutEnd) {
  std::string schemas;  // each holds the next ten times
  for (int i = 0; i < 12; ++i) {
    std::string members;
    for (int j = 0; j < 10; ++j)
      members += (j ? "," : "") + ("\"m" + std::to_string(j)) + R"(": {"$ref": "#/components/schemas/S)"
                 + std::to_string(i + 1) + "\"}";
    schemas += (i ? "," : "") + ("\"S" + std::to_string(i)) + R"(": {"properties": {)" + members + "}}";
  }
  const Error error = refusal_of(request_of(
    R"({"openapi": "3.1.0", "servers": [{"url": "https://a.example"}], "paths": {"/a": {"post":
        {"requestBody": {"content": {"application/json": {"schema":
          {"$ref": "#/components/schemas/S0"}}}}}}}, "components": {"schemas": {)"
    + schemas + "}}}"));
  EXPECT_NE(error.message.find("too large"), std::string::npos) << error.message;
}

}  // namespace
}  // namespace reverie
