//===- GoldenFile.h - what an independent implementation says --*- C++ -*-===//
#pragma once

#include "moe/Training.h"

#include <string>
#include <vector>

namespace moe::golden {

/// A file of tools/golden/make_golden.py, which describes what is in it.
class GoldenFile {
public:
  explicit GoldenFile(const std::string &path);

  std::vector<double> read(const std::string &name) const;
  std::vector<int64_t> shapeOf(const std::string &name) const;
  /// The names behind `prefix`, `param/` for instance.
  std::vector<std::string> list(const std::string &prefix) const;

private:
  const TensorEntry &find(const std::string &name) const;
  TensorFile file;
};

/// The name in the model of what the golden file calls `name`.
std::string modelName(const std::string &name);

} // namespace moe::golden
