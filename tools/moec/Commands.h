//===- Commands.h - the commands of moec -----------------------*- C++ -*-===//
#pragma once

#include "tools/moec/Command.h"

namespace moe::cli {

extern const Command checkCommand, compileCommand, trainCommand, evalCommand, generateCommand, infoCommand, analyzeCommand, gradcheckCommand,
    benchCommand, dataCommand, replayCommand, exportCommand, compareCommand, reportCommand, diffCommand, sweepCommand, scoreCommand;

} // namespace moe::cli
