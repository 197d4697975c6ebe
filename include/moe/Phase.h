//===- Phase.h - the named stages of compilation ---------------*- C++ -*-===//
//
// One list that drives `--emit`, dumps and timing. Each phase has a text form (for `binary`: bytes).
//
//===----------------------------------------------------------------------===//
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace moe {

enum class Phase { ast, moe, grad, fused, kernels, planned, llvm, assembly, object, binary };

struct PhaseInfo {
  Phase phase;
  std::string_view name; ///< as written after `--emit=`
  std::string_view description;
};

inline constexpr std::array<PhaseInfo, 10> phases = {{
    {Phase::ast, "ast", "the parsed file"},
    {Phase::moe, "moe", "checked and elaborated: the programs in the moe dialect"},
    {Phase::grad, "grad", "with momentum ops formed and gradients added"},
    {Phase::fused, "fused", "simplified: common subexpressions and dead code removed"},
    {Phase::kernels, "kernels", "kernel ops, one a launch"},
    {Phase::planned, "planned", "the launch schedule over arena offsets"},
    {Phase::llvm, "llvm", "the kernels as LLVM IR, optimised for the host"},
    {Phase::assembly, "asm", "the kernels as assembly"},
    {Phase::object, "obj", "the kernels as an object file"},
    {Phase::binary, "binary", "the executable: schedule, constants and object code in one file"},
}};

constexpr const PhaseInfo &info(Phase phase) { return phases[static_cast<size_t>(phase)]; }

constexpr std::optional<Phase> phaseFromName(std::string_view name) {
  for (const PhaseInfo &p : phases)
    if (p.name == name)
      return p.phase;
  return std::nullopt;
}

} // namespace moe
