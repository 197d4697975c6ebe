// Compiling in a loop, as hosts do, leaves nothing behind: scopes, frames and closures refer to one another in circles.
#include "lib/Frontend/Elaborate/Elaborate.h"
#include "lib/Frontend/Parse.h"

#include "mlir/IR/MLIRContext.h"

#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <new>

static int64_t living = 0; ///< blocks; every `new` and `delete` of the process without an alignment of its own comes here

void *operator new(size_t size) {
  void *memory = std::malloc(size ? size : 1);
  if (!memory)
    throw std::bad_alloc();
  ++living;
  return memory;
}
void operator delete(void *memory) noexcept {
  living -= memory != nullptr;
  std::free(memory);
}
void operator delete(void *memory, size_t) noexcept { operator delete(memory); }

using namespace moe;

/// Elaborates a program for a vocabulary of 23 words, and lets go of everything but the context. True when it is right.
static bool elaborateOnce(const std::string &text, mlir::MLIRContext &context) {
  SourceManager sources;
  DiagnosticSink sink;
  ParseResult parsed = parse(sources.add("a.moe", text), sink);
  ElaborateOptions options;
  options.vocabulary = 23;
  std::vector<RuleProgram> rules;
  return parsed.file && elaborate(*parsed.file, options, context, sink, &rules) && !sink.hasErrors();
}

static int64_t countLeft(const std::string &text, bool isRight) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  for (int warmUp = 0; warmUp < 2; ++warmUp) // the context keeps types and attributes, for the next time
    REQUIRE(elaborateOnce(text, context) == isRight);
  int64_t before = living;
  elaborateOnce(text, context);
  return living - before;
}

static std::string read(const std::filesystem::path &path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST_CASE("elaborating again keeps nothing") {
  int files = 0;
  for (const auto &entry : std::filesystem::directory_iterator(MOE_MODELS)) {
    CAPTURE(entry.path().string());
    CHECK(countLeft(read(entry.path()), true) == 0);
    ++files;
  }
  CHECK(files > 3);
}

TEST_CASE("nor does elaborating what turns out to be wrong") {
  CHECK(countLeft("model LM(V: dim, d=4)(tok: id[B,T]) -> [B,T,V] {\n"
                  "  carry c: HeavyBall.carry = 0\n"
                  "  x = embedding(V,d)(tok)\n"
                  "  f = y => linear(d)(y)\n"
                  "  g = y => f(y) + y\n"
                  "  repeat i in 2 { x = HeavyBall(i)(x, g, c) }\n"
                  "  return linear(V)(g(x, x))\n"
                  "}\n"
                  "train { data=text(tokens=words); batch=2; context=3; loss=cross_entropy; optimizer=SGD(lr=.1); steps=1 }\n",
                  false) == 0);
}
