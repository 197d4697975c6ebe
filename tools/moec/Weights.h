//===- Weights.h - weights of other programs on the command line -*- C++ -*-===//
#pragma once

#include "tools/moec/DataSource.h"

namespace moe::cli {

/// --map.
void declareMap(po::options_description &options);
/// What --map says, or equal names. Prints what is wrong with it and throws Failure.
WeightMap readMap(const po::variables_map &arguments);

/// --init-from, --init-only and --map: what a run begins from.
void declareStart(po::options_description &options);
/// Sets `start` and its description, if --init-from is given. Throws Failure.
void readStart(const po::variables_map &arguments, TrainOptions &options);

} // namespace moe::cli
