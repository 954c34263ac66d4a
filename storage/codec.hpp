// Records <-> bytes, for disk and for messages between nodes.
//
// A record is a sequence of (field number: varint)(length: varint)(payload).
// Readers skip numbers that they do not know and keep the default of fields
// that are absent, so a field can be added while old bytes and old nodes live.
// Fields equal to their default are not written.

#pragma once

#include "config/error.hpp"
#include "config/fields.hpp"
#include "config/json.hpp"

#include <bit>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace reverie {

void put_varint(std::string& out, std::uint64_t value);
bool take_varint(std::string_view& in, std::uint64_t& value);
bool take_bytes(std::string_view& in, std::string_view& bytes);

// A stored value is the record's version (varint) and then the record.
// Errors: corruption.
Result<std::int64_t> take_version(std::string_view& in, std::string_view where);

// Encodes a record; never fails.
template <Record T>
std::string encode(const T& record);

// Decodes what `encode` wrote, today or in an older release.
// Errors: corruption.
template <Record T>
Result<T> decode(std::string_view bytes);

// Of an encoded record, the fields that T has too: what `decode<T>` reads of it.
// Errors: corruption.
template <Record T>
Result<std::string> project(std::string_view bytes);

// How one field type becomes its payload. Like JsonOf: one specialisation each.
template <class T>
struct BytesOf;  // put(std::string&, const T&), take(std::string_view, T&) -> bool

template <>
struct BytesOf<std::string> {
  static void put(std::string& out, const std::string& value) { out += value; }
  static bool take(std::string_view in, std::string& value) {
    value = in;
    return true;
  }
};

template <>
struct BytesOf<bool> {
  static void put(std::string& out, bool value) { out += value ? '\1' : '\0'; }
  static bool take(std::string_view in, bool& value) {
    if (in.size() != 1) return false;
    value = in[0] != 0;
    return true;
  }
};

// Zigzag, so that small negative numbers stay short.
template <>
struct BytesOf<std::int64_t> {
  static void put(std::string& out, std::int64_t value) {
    put_varint(out,
               (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }
  static bool take(std::string_view in, std::int64_t& value) {
    std::uint64_t raw = 0;
    if (!take_varint(in, raw) || !in.empty()) return false;
    value = static_cast<std::int64_t>(raw >> 1) ^ -static_cast<std::int64_t>(raw & 1);
    return true;
  }
};

// Microseconds since 1970, UTC.
template <>
struct BytesOf<Timestamp> {
  static void put(std::string& out, Timestamp value) {
    BytesOf<std::int64_t>::put(out, value.time_since_epoch().count());
  }
  static bool take(std::string_view in, Timestamp& value) {
    std::int64_t count = 0;
    if (!BytesOf<std::int64_t>::take(in, count)) return false;
    value = Timestamp{Timestamp::duration{count}};
    return true;
  }
};

// An enumerator is its value; one of a newer release is kept as it is.
template <class T>
requires std::is_enum_v<T>
struct BytesOf<T> {
  static void put(std::string& out, T value) {
    BytesOf<std::int64_t>::put(out, static_cast<std::int64_t>(value));
  }
  static bool take(std::string_view in, T& value) {
    std::int64_t raw = 0;
    if (!BytesOf<std::int64_t>::take(in, raw)) return false;
    value = static_cast<T>(raw);
    return true;
  }
};

// IEEE 754 binary64, little-endian.
template <>
struct BytesOf<double> {
  static void put(std::string& out, double value) {
    std::uint64_t bits = std::bit_cast<std::uint64_t>(value);
    for (int i = 0; i < 8; ++i, bits >>= 8) out += static_cast<char>(bits & 0xff);
  }
  static bool take(std::string_view in, double& value) {
    if (in.size() != 8) return false;
    std::uint64_t bits = 0;
    for (std::size_t i = 8; i-- > 0;) bits = bits << 8 | static_cast<unsigned char>(in[i]);
    value = std::bit_cast<double>(bits);
    return true;
  }
};

// Free-form JSON that nobody here looks into is stored as its text.
template <>
struct BytesOf<RawJson> {
  static void put(std::string& out, const RawJson& value) { out += value.text; }
  static bool take(std::string_view in, RawJson& value) {
    value.text = in;
    return true;
  }
};

// Free-form JSON is stored as CBOR.
template <>
struct BytesOf<Json> {
  static void put(std::string& out, const Json& value) { Json::to_cbor(value, out); }
  static bool take(std::string_view in, Json& value) {
    value = Json::from_cbor(in.begin(), in.end(), true, false);
    return !value.is_discarded();
  }
};

template <Record T>
struct BytesOf<T> {
  static void put(std::string& out, const T& value) { out += encode(value); }
  static bool take(std::string_view in, T& value) {
    auto decoded = decode<T>(in);
    if (!decoded) return false;
    value = *std::move(decoded);
    return true;
  }
};

// An empty optional is the default and never written.
template <class T>
struct BytesOf<std::optional<T>> {
  static void put(std::string& out, const std::optional<T>& value) {
    if (value) BytesOf<T>::put(out, *value);
  }
  static bool take(std::string_view in, std::optional<T>& value) {
    return BytesOf<T>::take(in, value.emplace());
  }
};

// An absent patch is the default and never written; no payload means null.
template <class T>
struct BytesOf<Patch<T>> {
  static void put(std::string& out, const Patch<T>& patch) {
    if (!patch.value) return;
    out += '\1';
    BytesOf<T>::put(out, *patch.value);
  }
  static bool take(std::string_view in, Patch<T>& patch) {
    patch.is_present = true;
    patch.value.reset();
    if (in.empty()) return true;
    return BytesOf<T>::take(in.substr(1), patch.value.emplace());
  }
};

template <class T>
struct BytesOf<std::vector<T>> {
  static void put(std::string& out, const std::vector<T>& values) {
    std::string element;
    for (const T& value : values) {
      element.clear();
      BytesOf<T>::put(element, value);
      put_varint(out, element.size());
      out += element;
    }
  }
  static bool take(std::string_view in, std::vector<T>& values) {
    values.clear();
    while (!in.empty()) {
      std::string_view element;
      if (!take_bytes(in, element) || !BytesOf<T>::take(element, values.emplace_back()))
        return false;
    }
    return true;
  }
};

template <class T>
struct BytesOf<std::map<std::string, T>> {
  static void put(std::string& out, const std::map<std::string, T>& values) {
    std::string element;
    for (const auto& [name, value] : values) {
      element.clear();
      put_varint(element, name.size());
      element += name;
      BytesOf<T>::put(element, value);
      put_varint(out, element.size());
      out += element;
    }
  }
  static bool take(std::string_view in, std::map<std::string, T>& values) {
    values.clear();
    while (!in.empty()) {
      std::string_view element;
      std::string_view name;
      if (!take_bytes(in, element) || !take_bytes(element, name)) return false;
      if (!BytesOf<T>::take(element, values[std::string(name)])) return false;
    }
    return true;
  }
};

// A union of records is the name of the one that it holds and then that record, so that
// alternatives can be added and moved. A union of many gets its BytesOf in one .cpp file, made
// from this: each record in it costs a compiler a quarter of a second.
template <class Variant>
struct UnionBytes;

template <class... Ts>
requires(Record<Ts>&&...) struct UnionBytes<std::variant<Ts...>> {
  using Union = std::variant<Ts...>;

  static void put(std::string& out, const Union& value) {
    std::visit(
      [&]<class T>(const T& record) {
        put_varint(out, T::type_name.size());
        out += T::type_name;
        BytesOf<T>::put(out, record);
      },
      value);
  }
  static bool take(std::string_view in, Union& value) {
    std::string_view name;
    return take_bytes(in, name) && (take_as<Ts>(name, in, value) || ...);
  }

 private:
  template <class T>
  static bool take_as(std::string_view name, std::string_view in, Union& value) {
    return name == T::type_name && BytesOf<T>::take(in, value.template emplace<T>());
  }
};

template <Record T>
std::string encode(const T& record) {
  [[maybe_unused]] static const T defaults{};  // unused by a record without fields
  std::string out;
  std::string payload;
  for_each_field<T>([&](const auto& f) {
    if (record.*f.member == defaults.*f.member) return;
    payload.clear();
    using Value = typename std::remove_cvref_t<decltype(f)>::value_type;
    BytesOf<Value>::put(payload, record.*f.member);
    put_varint(out, f.number);
    put_varint(out, payload.size());
    out += payload;
  });
  return out;
}

template <Record T>
Result<T> decode(std::string_view bytes) {
  T record;
  while (!bytes.empty()) {
    std::uint64_t number = 0;
    std::string_view payload;
    if (!take_varint(bytes, number) || !take_bytes(bytes, payload))
      return Error{Errc::corruption, "truncated record", std::string(T::type_name)};
    std::string_view broken;
    for_each_field<T>([&](const auto& f) {
      using Value = typename std::remove_cvref_t<decltype(f)>::value_type;
      if (f.number == number && !BytesOf<Value>::take(payload, record.*f.member)) broken = f.name;
    });
    if (!broken.empty())
      return Error{Errc::corruption, "undecodable field", std::string(broken)}.in(T::type_name);
  }
  return record;
}

template <Record T>
Result<std::string> project(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    const std::string_view rest = bytes;
    std::uint64_t number = 0;
    std::string_view payload;
    if (!take_varint(bytes, number) || !take_bytes(bytes, payload))
      return Error{Errc::corruption, "truncated record", std::string(T::type_name)};
    bool is_wanted = false;
    for_each_field<T>([&](const auto& f) { is_wanted |= f.number == number; });
    if (is_wanted) out += rest.substr(0, rest.size() - bytes.size());
  }
  return out;
}

}  // namespace reverie
