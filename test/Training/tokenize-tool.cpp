//===- tokenize-tool.cpp - ids of a text, for comparisons -----------------===//
//
// moe-tokenize TOKENIZER < TEXT > IDS: ids as little-endian 32-bit numbers; decodes them again and compares; says on standard error how long
// it took.
//
//===----------------------------------------------------------------------===//
#include "moe/Training/Tokenizer.h"

#include <chrono>
#include <iostream>
#include <iterator>

int main(int argc, char **argv) {
  using namespace moe;
  if (argc != 2) {
    std::cerr << "usage: moe-tokenize TOKENIZER < TEXT > IDS\n";
    return 2;
  }
  Tokenizer tokenizer;
  if (Status status = Tokenizer::load(argv[1], tokenizer); !status) {
    std::cerr << status.error << '\n';
    return 1;
  }
  std::string text(std::istreambuf_iterator<char>(std::cin), {});
  std::vector<int32_t> ids;
  auto begin = std::chrono::steady_clock::now();
  if (Status status = tokenizer.encode(text, ids); !status) {
    std::cerr << status.error << '\n';
    return 1;
  }
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::cout.write(reinterpret_cast<const char *>(ids.data()), static_cast<std::streamsize>(ids.size() * sizeof(int32_t)));
  std::cerr << text.size() << " bytes, " << ids.size() << " tokens, " << took.count() << " s, "
            << (tokenizer.decode(ids) == text ? "decodes to the text" : "decodes to another text") << '\n';
  return 0;
}
