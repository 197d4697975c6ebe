//===- OpenRun.h - a run, compiled again -----------------------*- C++ -*-===//
#pragma once

#include "tools/moec/DataSource.h"

namespace moe::cli {

/// The source of a run, with the options that it was compiled with.
Source sourceOf(const Run &run, const po::variables_map &arguments);

struct OpenOptions {
  std::optional<int64_t> batch;   ///< rows to compile for, instead of those that it was trained with
  int64_t decodeRows = 1;         ///< as CompileOptions::decodeRows
  std::string record;             ///< as CompileOptions::record
  const char *positional = "RUN"; ///< the argument that names the folder
};

/// A run folder with its program and the parameters of its newest checkpoint.
struct OpenRun {
  Run run;
  std::unique_ptr<CompiledModel> program;
  Model model;
  std::unique_ptr<ThreadPool> pool;

  /// Opens RUN. Says on standard error which damaged checkpoints were passed over; throws Failure.
  explicit OpenRun(const po::variables_map &arguments, const OpenOptions &options = {});
};

} // namespace moe::cli
