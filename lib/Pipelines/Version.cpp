//===- Version.cpp - what this build is made of -----------------------------===//
#include "moe/Compiler.h"

#include "llvm/Config/llvm-config.h"

const std::map<std::string, std::string> &moe::getVersions() {
  static const std::map<std::string, std::string> versions = {{"moec", MOE_VERSION}, {"llvm", LLVM_VERSION_STRING}, {"compiler", __VERSION__}};
  return versions;
}
