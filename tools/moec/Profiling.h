//===- Profiling.h - --profile ---------------------------------*- C++ -*-===//
#pragma once

#include "tools/moec/Command.h"

#include "moe/Training.h"

#include <memory>

namespace moe::cli {

/// --profile and --profile-steps.
void declareProfile(po::options_description &options);
/// The profile that was asked for; null: none.
std::unique_ptr<Profile> openProfile(const po::variables_map &arguments);
/// Ends the profile, null or not, and prints where the time went. Fails with exit code 3 when the file could not be written.
void finishProfile(Profile *profile, const po::variables_map &arguments);

} // namespace moe::cli
