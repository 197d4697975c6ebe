//===- DataSource.h - what a model must know of its data -------*- C++ -*-===//
#pragma once

#include "moe/Training.h"
#include "tools/moec/Source.h"

namespace moe::cli {

/// --data and --vocabulary, for commands that need no text.
void declareVocabulary(po::options_description &options);
/// Sets the vocabulary of `source`: what --vocabulary says, or that of --data. Throws Failure without either.
void readVocabulary(const po::variables_map &arguments, Source &source);

/// Reads the data of a folder as the file's `train` block wants it; what is kept of it goes to `cacheDir`. Throws Failure.
TextData loadData(const std::string &folder, const std::string &settings, const std::string &cacheDir);

/// Throws Failure with that code unless all went well.
void require(const Status &status, ExitCode code);

} // namespace moe::cli
