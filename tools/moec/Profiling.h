//===- Profiling.h - --profile ---------------------------------*- C++ -*-===//
#pragma once

#include "tools/moec/Command.h"

#include "moe/Training.h"

#include <iosfwd>
#include <memory>

namespace moe::cli {

/// --profile and --profile-steps, or as `unit` has it, which is what a profile counts: step, block.
void declareProfile(po::options_description &options, const std::string &unit);
/// The profile that was asked for; null: none.
std::unique_ptr<Profile> openProfile(const po::variables_map &arguments, const std::string &unit);
/// Ends the profile, null or not, and prints where the time went. Fails with exit code 3 when the file could not be written.
void finishProfile(Profile *profile, const po::variables_map &arguments, const std::string &unit);

/// What takes longest in a step, and what is beside launches: a line each, at most `most` of the first.
void printLaunches(const ProfileSummary &summary, const std::string &unit, size_t most, std::ostream &os);

} // namespace moe::cli
