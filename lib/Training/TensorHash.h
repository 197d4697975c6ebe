//===- TensorHash.h - the checksum of a safetensors file --------*- C++ -*-===//
#pragma once

#ifndef XXH_INLINE_ALL
#define XXH_INLINE_ALL
#endif
#include <xxhash.h>

#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace moe {

/// XXH3 over the metadata, then over name, type, shape and bytes of each tensor in the order of their data: everything in the file but
/// the way in which its header is spelled.
class TensorHash {
public:
  /// Of the metadata entry that holds it.
  static constexpr std::string_view key = "xxh3";

  explicit TensorHash(const std::map<std::string, std::string> &metadata) : state(XXH3_createState(), XXH3_freeState) {
    XXH3_64bits_reset(state.get());
    for (const auto &[name, text] : metadata) {
      addText(name);
      addText(text);
    }
  }

  void add(std::string_view name, std::string_view dtype, const std::vector<int64_t> &shape) {
    addText(name);
    addText(dtype);
    addNumber(shape.size());
    for (int64_t extent : shape)
      addNumber(static_cast<uint64_t>(extent));
  }
  void add(const void *data, size_t bytes) { XXH3_64bits_update(state.get(), data, bytes); }

  std::string getText() const {
    char text[17];
    std::snprintf(text, sizeof(text), "%016llx", static_cast<unsigned long long>(XXH3_64bits_digest(state.get())));
    return text;
  }

private:
  /// With its length, so that no two sequences of texts give the same bytes.
  void addText(std::string_view text) {
    addNumber(text.size());
    add(text.data(), text.size());
  }
  void addNumber(uint64_t value) { add(&value, sizeof(value)); }

  std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t *)> state;
};

} // namespace moe
