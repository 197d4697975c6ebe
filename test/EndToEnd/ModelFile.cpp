//===- ModelFile.cpp - a model as a test names it ---------------------------===//
#include "Machine.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

using namespace moe::golden;

void moe::golden::fail(const std::string &message) {
  std::fflush(stdout);
  std::fprintf(stderr, "error: %s\n", message.c_str());
  std::exit(1);
}

ModelFile moe::golden::readModel(const std::string &path, const std::vector<std::string> &choices) {
  std::ifstream in(path, std::ios::binary);
  if (!in)
    fail("cannot read " + path);
  std::ostringstream text;
  text << in.rdbuf();
  ModelFile model{path, text.str(), {}, {}, 0};
  for (const std::string &choice : choices)
    (choice.find('=') == std::string::npos ? model.presets : model.overrides).push_back(choice);
  return model;
}
