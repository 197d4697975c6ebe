//===- HostCalls.h - what a host may hand to a call of moe.h ---*- C++ -*-===//
#pragma once

#include "moe-c/moe.h"

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace moe::fuzz {

/// The arguments of one call, a byte each. Behind the last byte there are zeros, and 0 stands for what makes sense.
class Choices {
public:
  explicit Choices(std::string_view bytes) : rest(bytes) {}

  uint8_t next() {
    if (rest.empty())
      return 0;
    auto byte = static_cast<uint8_t>(rest.front());
    rest.remove_prefix(1);
    return byte;
  }
  /// One in eight is true.
  bool isOdd() { return next() >= 224; }
  /// One of those that make sense or, less often, of those that need not.
  template <typename T>
  T of(std::initializer_list<T> sound, std::initializer_list<T> odd) {
    constexpr uint8_t firstOdd = 192;
    uint8_t byte = next();
    return byte < firstOdd ? sound.begin()[byte % sound.size()] : odd.begin()[byte % odd.size()];
  }

private:
  std::string_view rest;
};

/// Where a call leaves a result, filled with what a failure must not leave there. Now and then a call gets no place.
template <typename T>
class Place {
public:
  explicit Place(Choices &choices) : isGiven(!choices.isOdd()) { std::memset(static_cast<void *>(&value), 0xA5, sizeof value); }
  operator T *() { return isGiven ? &value : nullptr; }
  bool isCleared() const { return !isGiven || value == T(); }
  bool has() const { return isGiven; }
  T value;

private:
  bool isGiven;
};

/// The same for a structure that begins with its size, which may be wrong: then nothing may be written.
template <typename T>
class SizedPlace {
public:
  explicit SizedPlace(Choices &choices) : isGiven(!choices.isOdd()) {
    std::memset(static_cast<void *>(&value), 0xA5, sizeof value);
    value.struct_size = choices.of<size_t>({sizeof(T)}, {0, 1, sizeof(T) - 1, sizeof(T) + 8, SIZE_MAX});
    before = value;
  }
  operator T *() { return isGiven ? &value : nullptr; }
  bool isCleared() const {
    T empty;
    std::memset(static_cast<void *>(&empty), 0, sizeof empty);
    empty.struct_size = sizeof(T);
    return std::memcmp(&value, value.struct_size == sizeof(T) && isGiven ? &empty : &before, sizeof(T)) == 0;
  }
  T value;

private:
  bool isGiven;
  T before;
};

/// Options that are sometimes missing and sometimes of another size.
template <typename T>
class Options {
public:
  Options(Choices &choices, T sound) : value(sound), isGiven(!choices.isOdd()) {
    value.struct_size = choices.of<size_t>({sizeof(T)}, {0, sizeof(T) - 1, SIZE_MAX});
  }
  operator const T *() const { return isGiven ? &value : nullptr; }
  T value;

private:
  bool isGiven;
};

} // namespace moe::fuzz
