//===- JsonPlace.h - a part of a JSON file and where it is ------*- C++ -*-===//
#pragma once

#include <cstdint>
#include <exception>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace moe::bpe {

/// Thrown while a file is read, caught where reading began.
struct Refusal : std::exception {
  explicit Refusal(std::string message) : message(std::move(message)) {}
  const char *what() const noexcept override { return message.c_str(); }
  std::string message;
};

/// A value with its path. Whatever is asked of it that it is not ends in a Refusal `PATH is FOUND, expected WHAT`.
class JsonPlace {
public:
  using json = nlohmann::json;
  JsonPlace(const json &value, std::string path) : value(&value), path(std::move(path)) {}

  [[noreturn]] void refuse(const std::string &expected) const { throw Refusal(path + " is " + show() + ", expected " + expected); }
  [[noreturn]] void complain(const std::string &what) const { throw Refusal(path + ": " + what); }

  const std::string &getPath() const { return path; }
  bool isNull() const { return value->is_null(); }
  bool isObject() const { return value->is_object(); }
  bool isArray() const { return value->is_array(); }
  bool isString() const { return value->is_string(); }

  const json &object() const {
    if (!value->is_object())
      refuse("an object");
    return *value;
  }
  const std::string &string() const {
    if (!value->is_string())
      refuse("a string");
    return value->get_ref<const std::string &>();
  }
  bool boolean() const {
    if (!value->is_boolean())
      refuse("true or false");
    return value->get<bool>();
  }
  /// An id: a whole number below `end`.
  int32_t id(int64_t end) const {
    if (!value->is_number_integer() || value->get<int64_t>() < 0 || value->get<int64_t>() >= end)
      refuse("an id below " + std::to_string(end));
    return static_cast<int32_t>(value->get<int64_t>());
  }
  size_t size() const {
    if (!value->is_array())
      refuse("a list");
    return value->size();
  }
  JsonPlace operator[](size_t index) const { return {(*value)[index], path + "[" + std::to_string(index) + "]"}; }

  /// A member that may be missing reads as null.
  JsonPlace member(const char *key) const {
    static const json null;
    auto it = object().find(key);
    return {it == value->end() ? null : *it, path.empty() ? key : path + "." + key};
  }
  bool flag(const char *key, bool otherwise) const {
    JsonPlace found = member(key);
    return found.isNull() ? otherwise : found.boolean();
  }
  /// What its member `type` says; empty for null.
  std::string type() const { return isNull() ? "" : member("type").string(); }

  /// The value as it is written in the file, cut where it is long.
  std::string show() const {
    constexpr size_t most = 60;
    if (value->is_array() || value->is_object())
      return value->is_array() ? "a list" : "an object";
    std::string text = value->dump(-1, ' ', false, json::error_handler_t::replace);
    if (text.size() <= most)
      return text;
    size_t end = most;
    while (end && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) // not within a character
      --end;
    return text.substr(0, end) + "...";
  }

private:
  const json *value;
  std::string path;
};

} // namespace moe::bpe
