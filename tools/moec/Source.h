//===- Source.h - .moe files and how they are compiled ---------*- C++ -*-===//
#pragma once

#include "tools/moec/Command.h"

#include "moe/Compiler.h"

#include <memory>

namespace moe::cli {

/// --set and --preset.
void declareOverrides(po::options_description &options);
/// --no-cache.
void declareCache(po::options_description &options);

/// A source text with the options to compile it.
struct Source {
  std::string fileName, text;
  CompileOptions options;

  /// Reads FILE; throws Failure when it cannot be read.
  static Source read(const po::variables_map &arguments);

  // Each prints what the compiler has to say and throws Failure when it failed.
  void check() const;
  std::string readSettings() const;
  std::unique_ptr<CompiledModel> compile() const;
};

/// Where compiled programs are kept: $XDG_CACHE_HOME/moec or ~/.cache/moec; empty with --no-cache.
std::string cacheFolder(const po::variables_map &arguments);

/// Prints the messages; throws Failure with the right exit code when there was an error.
void settle(const Diagnostics &diagnostics);

/// The bytes of a file.
std::string readFile(const std::string &path);
/// Writes to the file, or to standard output when the path is empty.
void writeOutput(const std::string &path, const std::string &content);

} // namespace moe::cli
