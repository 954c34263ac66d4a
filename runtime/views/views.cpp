#include "runtime/views/views.hpp"

#include "config/json_writer.hpp"
#include "runtime/views/view_parts.hpp"
#include "storage/backup.hpp"

namespace reverie {

Result<std::string> answer_request(const ViewContext& context, const Request& request) {
  return std::visit(
    [&]<class T>(const T& typed) -> Result<std::string> {
      if constexpr (T::owner == Owner::reader || T::owner == Owner::scanner)
        return view(context, typed);
      else
        return Error{Errc::internal, "not a request of a reader", std::string(T::type_name)};
    },
    request.any());
}

Result<std::string> view(const ViewContext& context, const CreateBackup& request) {
  REVERIE_CHECK(backup_to(context.store, request.path));
  std::string out;
  JsonObjectWriter{out}.add("path", request.path);
  return out;
}

std::string json_array(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const std::string& item : items) {
    if (out.size() > 1) out += ',';
    out += item;
  }
  return out += ']';
}

}  // namespace reverie
