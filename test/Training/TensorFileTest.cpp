#include "moe/Training.h"
#include "test/Training/Files.h"

#include <ctime>
#include <doctest/doctest.h>

using namespace moe;
using namespace moe::test;

static const float matrix[] = {1, 2, 3, 4, 5, 6};
static const int32_t counter[] = {-7};
static const uint8_t flags[] = {1, 0, 1};

static void writeSample(const std::string &path) {
  REQUIRE(writeTensors(path,
                       {{"w", DType::f32, {2, 3}, matrix}, {"none", DType::f32, {0, 4}, matrix}, {"n", DType::i32, {}, counter}, {"on", DType::i1, {3}, flags}},
                       {{"who", "test"}}));
}

static std::string errorOf(const std::string &path) {
  TensorFile file;
  return TensorFile::open(path, file).error;
}

/// A file with this header, and `bytes` of data.
static std::string fileWith(const std::string &header, size_t bytes) {
  std::string text;
  for (int i = 0; i < 8; ++i)
    text += static_cast<char>(header.size() >> (8 * i));
  return text + header + std::string(bytes, '\0');
}

TEST_CASE("what is written is read") {
  Folder folder;
  std::string path = folder / "t.safetensors";
  writeSample(path);
  TensorFile file;
  REQUIRE(TensorFile::open(path, file));
  CHECK(file.getTensors().size() == 4);
  const TensorEntry *w = file.find("w"), *n = file.find("n"), *on = file.find("on");
  REQUIRE((w && n && on));
  CHECK(w->dtype == "F32");
  CHECK(w->shape == std::vector<int64_t>{2, 3});
  CHECK(n->shape.empty());
  CHECK(on->dtype == "BOOL");
  std::vector<float> values(6);
  REQUIRE(file.read(*w, values.data()));
  CHECK(values == std::vector<float>(matrix, matrix + 6));
  int32_t number = 0;
  REQUIRE(file.read(*n, &number));
  CHECK(number == -7);
  CHECK(file.getMetadata().at("who") == "test");
  CHECK(file.find("x") == nullptr);
  CHECK(list(folder.str()) == std::vector<std::string>{"t.safetensors"});
}

TEST_CASE("files of other writers are read too") {
  TensorFile file;
  REQUIRE(TensorFile::open(MOE_GOLDEN "/plain.safetensors", file));
  CHECK(file.getTensors().size() > 10);
}

TEST_CASE("a file cut off anywhere is refused") {
  Folder folder;
  std::string path = folder / "t.safetensors";
  writeSample(path);
  std::string whole = read(path);
  for (size_t length = 0; length < whole.size(); ++length) {
    write(path, whole.substr(0, length));
    CHECK(errorOf(path).starts_with(path + ": "));
  }
  write(path, whole + "x");
  CHECK(errorOf(path) == path + ": 32 bytes of data, but the tensors need 31");
  CHECK(errorOf(folder / "none") == (folder / "none") + ": No such file or directory");
  CHECK(errorOf(folder.str()) == folder.str() + ": not a file");
}

TEST_CASE("a file with any byte altered is refused") {
  Folder folder;
  std::string path = folder / "t.safetensors";
  writeSample(path);
  std::string whole = read(path);
  for (size_t at = 0; at < whole.size(); ++at)
    for (char bit : {1, 64}) {
      std::string altered = whole;
      altered[at] = static_cast<char>(altered[at] ^ bit);
      write(path, altered);
      INFO("byte " << at);
      TensorFile file;
      Status status = TensorFile::open(path, file);
      CHECK((!status || !file.isVerified())); // where the name of the checksum was hit, it is a file without one
    }
  std::string altered = whole;
  altered.back() = static_cast<char>(altered.back() ^ 1);
  write(path, altered);
  CHECK(errorOf(path) == path + ": the checksum does not match: the file was altered after it was written");
  TensorFile unverified;
  CHECK(TensorFile::open(path, unverified, /*verify=*/false));
}

TEST_CASE("tensors are in the order of the file, empty ones at one place too") {
  Folder folder;
  std::string path = folder / "t.safetensors";
  REQUIRE(writeTensors(path, {{"z", DType::f32, {0}, matrix}, {"y", DType::f32, {0}, matrix}, {"x", DType::f32, {1}, matrix}}, {}));
  TensorFile file;
  REQUIRE(TensorFile::open(path, file));
  CHECK(file.isVerified());
  CHECK(file.getTensors()[0].name == "z");
  CHECK(file.getTensors()[1].name == "y");
  CHECK(file.find("y") == &file.getTensors()[1]);
}

TEST_CASE("a hundred thousand tensors are written and read in time that grows with their number") {
  Folder folder;
  std::string path = folder / "t.safetensors";
  std::vector<TensorSource> tensors;
  for (int i = 0; i < 100'000; ++i)
    tensors.push_back({"layers." + std::to_string(i) + ".weight", DType::f32, {1}, matrix});
  std::clock_t begin = std::clock(); // processor time: the machine may be busy
  REQUIRE(writeTensors(path, tensors, {}));
  TensorFile file;
  REQUIRE(TensorFile::open(path, file));
  for (const TensorSource &tensor : tensors)
    REQUIRE(file.find(tensor.name) != nullptr);
  CHECK(static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC < 20); // one second; minutes where each looks through all
}

TEST_CASE("headers are checked before anything is allocated") {
  Folder folder;
  std::string path = folder / "t.safetensors";
  auto errorWith = [&](const std::string &header, size_t bytes) {
    write(path, fileWith(header, bytes));
    std::string error = errorOf(path);
    REQUIRE(error.starts_with(path + ": "));
    return error.substr(path.size() + 2);
  };
  CHECK(errorWith("[]", 0) == "the header is not a JSON object");
  CHECK(errorWith(R"({"a": 3})", 0) == "tensor 'a': dtype, shape or data_offsets is missing or of the wrong kind");
  CHECK(errorWith(R"({"a": {"dtype": "Q4", "shape": [], "data_offsets": [0, 4]}})", 4) == "tensor 'a': unknown dtype 'Q4'");
  CHECK(errorWith(R"({"a": {"dtype": "F32", "shape": [4611686018427387904, 4], "data_offsets": [0, 4]}})", 4) ==
        "tensor 'a': the shape is not one that a file can hold");
  CHECK(errorWith(R"({"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}})", 4) ==
        "tensor 'a': the shape is not one that a file can hold");
  CHECK(errorWith(R"({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}})", 4) ==
        "tensor 'a': its 4 bytes do not agree with its shape, which needs 8");
  CHECK(errorWith(R"({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}})", 4) ==
        "tensor 'a': its bytes, 0 to 8, lie outside the 4 bytes of data: the file is cut short or altered");
  CHECK(errorWith(R"({"a": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}, "b": {"dtype": "U8", "shape": [4], "data_offsets": [2, 6]}})", 6) ==
        "tensor 'b' starts at byte 2 of the data, expected 4: tensors overlap or leave a gap");
  CHECK(errorWith(R"({"a": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}, "a": {"dtype": "U8", "shape": [2], "data_offsets": [4, 6]}})", 6) ==
        "tensor 'a' is there twice");
  CHECK(errorWith(R"({"a": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]})", 4) == "the header is not a JSON object");
  CHECK(errorWith(R"({"__metadata__": {"a": 1}})", 0) == "the metadata 'a' is not text");
  CHECK(errorWith(R"({"__metadata__": []})", 0) == "the metadata is not an object");
  write(path, std::string(8, '\xFF') + "{}");
  CHECK(errorOf(path) == path + ": the header's length, 18446744073709551615 bytes, does not fit a file of 10");
}
