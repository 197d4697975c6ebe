#include "lib/Support/Names.h"
#include "lib/Training/Weights/HalfFloats.h"
#include "test/Training/Files.h"
#include "moe/Training.h"

#include <cmath>
#include <cstring>
#include <doctest/doctest.h>
#include <limits>
#include <span>

using namespace moe;
using namespace moe::test;

namespace {

/// A model with these parameters, numbered through: the first element of the first is 0.
struct Weights {
  BufferStore store;
  std::vector<std::string> names;

  explicit Weights(const std::vector<std::pair<std::string, std::vector<int64_t>>> &parameters, BindingKind kind = BindingKind::param) {
    Program program;
    for (const auto &[name, shape] : parameters) {
      program.bindings.push_back({kind, name, DType::f32, shape, {}});
      names.push_back(name);
    }
    REQUIRE(store.addShared(program));
    float next = 0;
    for (const std::string &name : names)
      for (float &value : (*this)[name])
        value = next++;
  }
  std::span<float> operator[](const std::string &name) {
    for (BindingKind kind : {BindingKind::param, BindingKind::state})
      if (Buffer *buffer = store.find(kind, name))
        return {buffer->as<float>(), static_cast<size_t>(buffer->elements())};
    FAIL(name);
    return {};
  }
  std::vector<float> copy(const std::string &name) {
    std::span<float> values = (*this)[name];
    return {values.begin(), values.end()};
  }
};

struct Exchange {
  Folder folder;
  std::string messages, map;
  ImportOptions options;
  ImportReport report;

  std::string path(const std::string &name = "w.safetensors") { return folder / name; }

  std::string exportTo(Weights &weights) {
    WeightMap parsed;
    Status status = WeightMap::parse("m.map", map, parsed, messages);
    return status ? exportWeights(weights.store, parsed, path(), messages).error : status.error;
  }
  std::string import(Weights &weights, const std::string &from = "w.safetensors") {
    WeightFiles files;
    WeightMap parsed;
    messages.clear();
    if (Status status = WeightFiles::open(path(from), files); !status)
      return status.error;
    if (!map.empty())
      if (Status status = WeightMap::parse("m.map", map, parsed, messages); !status)
        return status.error;
    return importWeights(files, parsed, weights.store, options, report, messages).error;
  }
  std::vector<float> values(const std::string &name, std::vector<int64_t> shape) {
    TensorFile file;
    REQUIRE(TensorFile::open(path(), file));
    const TensorEntry *entry = file.find(name);
    REQUIRE(entry);
    CHECK(entry->shape == shape);
    std::vector<float> read(static_cast<size_t>(entry->bytes) / 4);
    REQUIRE(file.read(*entry, read.data()));
    return read;
  }
};

std::string messageOf(const std::string &map) {
  WeightMap parsed;
  std::string messages;
  CHECK(WeightMap::parse("m.map", map, parsed, messages).error == "m.map: this is not a weight map");
  return messages;
}

using Floats = std::vector<float>;

} // namespace

TEST_CASE("a map renames, transposes and takes experts apart, and brings them back") {
  Exchange exchange;
  exchange.map = "layers.{i}.moe.w <- encoder.{i}.experts.{e}.weight transpose stack(e)  # [2, 2, 3]\n"
                 "\n"
                 "*.bias <- *.b\r\n";
  Weights made({{"layers.0.moe.w", {2, 2, 3}}, {"layers.7.moe.w", {2, 2, 3}}, {"out.bias", {2}}});
  CHECK(exchange.exportTo(made) == "");
  CHECK(exchange.values("encoder.0.experts.0.weight", {3, 2}) == Floats{0, 3, 1, 4, 2, 5});
  CHECK(exchange.values("encoder.7.experts.1.weight", {3, 2}) == Floats{18, 21, 19, 22, 20, 23});
  CHECK(exchange.values("out.b", {2}) == Floats{24, 25});

  Weights other({{"layers.0.moe.w", {2, 2, 3}}, {"layers.7.moe.w", {2, 2, 3}}, {"out.bias", {2}}});
  for (const std::string &name : other.names)
    for (float &value : other[name])
      value = -1;
  CHECK(exchange.import(other) == "");
  CHECK(exchange.report.taken == 3);
  CHECK(exchange.report.kept == 0);
  for (const std::string &name : made.names)
    CHECK(other.copy(name) == made.copy(name));
}

TEST_CASE("a fused tensor is made of parts, on either side") {
  Exchange exchange;
  exchange.map = "q <- qkv[0/2]\n"
                 "k <- qkv[1/2]\n"
                 "both[:,0/2] <- left transpose\n"
                 "both[:,1/2] <- right transpose\n";
  std::vector<std::pair<std::string, std::vector<int64_t>>> shapes = {{"q", {2, 2}}, {"k", {2, 2}}, {"both", {1, 4}}};
  Weights made(shapes);
  CHECK(exchange.exportTo(made) == "");
  CHECK(exchange.values("qkv", {4, 2}) == Floats{0, 1, 2, 3, 4, 5, 6, 7});
  CHECK(exchange.values("left", {2, 1}) == Floats{8, 9});
  CHECK(exchange.values("right", {2, 1}) == Floats{10, 11});
  Weights other(shapes);
  for (const std::string &name : other.names)
    for (float &value : other[name])
      value = -1;
  CHECK(exchange.import(other) == "");
  for (const std::string &name : made.names)
    CHECK(other.copy(name) == made.copy(name));
}

TEST_CASE("an axis of extent 1 comes and goes") {
  Exchange exchange;
  exchange.map = "pe <- key_pe squeeze(0) transpose\n";
  Weights made({{"pe", {2, 3}}});
  CHECK(exchange.exportTo(made) == "");
  CHECK(exchange.values("key_pe", {1, 3, 2}) == Floats{0, 3, 1, 4, 2, 5});
  Weights other({{"pe", {2, 3}}});
  CHECK(exchange.import(other) == "");
  CHECK(other.copy("pe") == made.copy("pe"));
}

TEST_CASE("without a map names are the same, and model state counts too") {
  Exchange exchange;
  Weights made({{"b", {2}}}, BindingKind::state);
  WeightMap plain;
  REQUIRE(exportWeights(made.store, plain, exchange.path(), exchange.messages));
  CHECK(exchange.values("b", {2}) == Floats{0, 1});
  Weights other({{"b", {2}}}, BindingKind::state);
  other["b"][0] = 9;
  CHECK(exchange.import(other) == "");
  CHECK(other.copy("b") == Floats{0, 1});
  TensorFile file;
  REQUIRE(TensorFile::open(exchange.path(), file));
  CHECK(file.getMetadata().at("format") == "pt");
}

TEST_CASE("only some parameters are taken, the others stay") {
  Exchange exchange;
  Weights made({{"a.w", {2}}, {"b.w", {2}}});
  CHECK(exchange.exportTo(made) != ""); // an empty map gives nothing
  exchange.map = "* <- *\n";
  REQUIRE(exchange.exportTo(made) == "");
  exchange.map.clear();
  Weights other({{"a.w", {2}}, {"b.w", {2}}, {"c.w", {1}}});
  for (const std::string &name : other.names)
    other[name][0] = -1;
  exchange.options.only = "b.*|none";
  CHECK(exchange.import(other) == "");
  CHECK(exchange.report.taken == 1);
  CHECK(exchange.report.kept == 2);
  CHECK(other.copy("a.w") == Floats{-1, 1});
  CHECK(other.copy("b.w") == Floats{2, 3});
  exchange.options.only = "none";
  CHECK(exchange.import(other) != "");
  CHECK(exchange.messages == "error: no parameter is called 'none'\n");
}

TEST_CASE("what does not fit is said with names, and nothing is read") {
  Exchange exchange;
  exchange.map = "* <- *\n";
  Weights made({{"a.w", {2, 3}}, {"b.w", {2}}, {"extra", {1}}});
  REQUIRE(exchange.exportTo(made) == "");
  Weights other({{"a.w", {3, 2}}, {"c.w", {2}}, {"d", {1}}});
  exchange.map = "a.w <- a.w\n"
                 "{i}.x <- {i}.y\n"
                 "c.w <- b.v\n";
  CHECK(exchange.import(other) == exchange.path() + ": these weights and this model do not fit each other");
  CHECK(exchange.messages == "m.map:1:8: error: 'a.w' is [2, 3] in the file, but 'a.w' is [3, 2] in the model\n"
                             "a.w <- a.w\n"
                             "       ^~~\n"
                             "help: exchanged axes are written `transpose` at the end of the rule\n"
                             "m.map:2:1: error: no parameter of the model is called so\n"
                             "{i}.x <- {i}.y\n"
                             "^~~~~\n"
                             "m.map:3:8: error: 'b.v' is not in " +
                                 exchange.path() +
                                 "\n"
                                 "c.w <- b.v\n"
                                 "       ^~~\n"
                                 "help: did you mean 'b.w'?\n"
                                 "error: no rule gives 'd'\n"
                                 "help: `fresh NAME` leaves a parameter as it starts\n");
  CHECK(other["a.w"][1] == 1); // as it was
  exchange.map = "a.w <- a.w transpose\n"
                 "c.w <- b.w\n"
                 "fresh d\n";
  CHECK(exchange.import(other) != "");
  CHECK(exchange.messages == "error: " + exchange.path() + ": nothing uses 'extra'\nhelp: `skip NAME` in a map leaves a tensor of the file out\n");
  exchange.map += "skip ext* nobody\n";
  CHECK(exchange.import(other) == "");
  CHECK(other.copy("a.w") == Floats{0, 3, 1, 4, 2, 5});
  CHECK(exchange.report.kept == 1);
}

TEST_CASE("a parameter is given once, and whole") {
  Exchange exchange;
  Weights made({{"a", {6}}, {"b", {5}}});
  exchange.map = "a <- x\na <- y\nb <- b\n";
  CHECK(exchange.exportTo(made) != "");
  CHECK(exchange.messages.find("m.map:2:1: error: 'a' is given by two rules\na <- y\n^\nm.map:1:1: note: it is given here too") == 0);
  exchange.map = "a[0/3] <- x\na[2/3] <- y\nb <- b\n";
  CHECK(exchange.exportTo(made) != "");
  CHECK(exchange.messages.find("m.map:1:1: error: of 'a' 2 of 3 parts are given") == 0);
  exchange.map = "a <- x\nb[0/2] <- y\nb[1/2] <- z\n";
  CHECK(exchange.exportTo(made) != "");
  CHECK(exchange.messages.find("'b' does not fit: axis 0 of [5] does not split into 2 parts") != std::string::npos);
  exchange.map = "a <- x[1/2]\nb <- b transpose\n";
  CHECK(exchange.exportTo(made) != "");
  CHECK(exchange.messages.find("'b' does not fit: [5] has no two axes to transpose") != std::string::npos);
  exchange.map = "a <- x[1/2]\nb <- b\n";
  CHECK(exchange.exportTo(made) != "");
  CHECK(exchange.messages.find("m.map:1:6: error: of 'x' 1 of 2 parts are used") == 0);
  exchange.map = "* <- *\nfresh a\n";
  CHECK(exchange.exportTo(made) != "");
  CHECK(exchange.messages.find("m.map:2:7: error: 'a' is fresh and given by a rule") == 0);
}

TEST_CASE("weights that two parameters share are written once, if they are the same") {
  Exchange exchange;
  exchange.map = "in <- tied\nout <- tied\n";
  Weights made({{"in", {2}}, {"out", {2}}});
  CHECK(exchange.exportTo(made) != "");
  CHECK(exchange.messages.find("'out' and 'in' both go to 'tied', but they differ") != std::string::npos);
  made["out"][0] = 0;
  made["out"][1] = 1;
  CHECK(exchange.exportTo(made) == "");
  Weights other({{"in", {2}}, {"out", {2}}});
  CHECK(exchange.import(other) == "");
  CHECK(other.copy("out") == Floats{0, 1});
}

TEST_CASE("a map that is none says where and why") {
  CHECK(messageOf("a -> b\n") == "m.map:1:3: error: expected `<-`\na -> b\n  ^~\nhelp: a line is `MODEL <- FILE`, `skip FILE` or `fresh MODEL`\n");
  CHECK(messageOf("# hm\n  a <- b transose\n") == "m.map:2:10: error: unknown step 'transose': there are transpose, squeeze(AXIS) and stack(NUMBER)\n"
                                                   "  a <- b transose\n"
                                                   "         ^~~~~~~~\n"
                                                   "help: did you mean 'transpose'?\n");
  CHECK(messageOf("a.{i <- b").find("m.map:1:3: error: expected a number's name in braces, such as {i}\n") == 0);
  CHECK(messageOf("a <- b.{i}").find("m.map:1:6: error: nothing says what {i} is\n") == 0);
  CHECK(messageOf("a.{i} <- b").find("m.map:1:1: error: {i} is not in the name of the file's tensor") == 0);
  CHECK(messageOf("a.* <- b.*.*").find("m.map:1:8: error: there are more stars here than in the model's name") == 0);
  CHECK(messageOf("a <- b stack(e)").find("m.map:1:1: error: `stack(e)` wants {e} in the name") == 0);
  CHECK(messageOf("a <- b.{e} stack(e) transpose").find("m.map:1:21: error: `stack` is the last thing that is done") == 0);
  CHECK(messageOf("a[3/3] <- b").find("m.map:1:2: error: of 3 parts the last is number 2") == 0);
  CHECK(messageOf("a[1] <- b").find("m.map:1:2: error: expected a part such as [0/3]") == 0);
  CHECK(messageOf("a <- b squeeze(x)").find("m.map:1:8: error: expected the number of an axis of extent 1") == 0);
  CHECK(messageOf("a <-").find("m.map:1:3: error: expected the name of a tensor of the file after `<-`") == 0);
  CHECK(messageOf("skip").find("m.map:1:1: error: expected the names of tensors of the file after `skip`") == 0);
  CHECK(messageOf("fresh a[0/2]").find("m.map:1:7: error: expected a whole tensor, not a part of one") == 0);
  CHECK(messageOf("*.*.*.* <- *.*.*.*").find("a name may have at most 3 stars") != std::string::npos);
  CHECK(messageOf("\x01\xff").find("m.map:1:1: error: expected a rule") == 0);
}

TEST_CASE("a number is all of its digits, and the same wherever its name stands") {
  Exchange exchange;
  exchange.map = "l{i}.{i}.w <- x{i}\n";
  Weights good({{"l12.12.w", {1}}});
  CHECK(exchange.exportTo(good) == "");
  exchange.values("x12", {1});
  Weights bad({{"l12.1.w", {1}}});
  CHECK(exchange.exportTo(bad) != "");
}

//===-- Files of others ------------------------------------------------------------------===//

static std::string safetensors(const std::string &header, const std::string &data) {
  std::string text;
  for (int i = 0; i < 8; ++i)
    text += static_cast<char>(header.size() >> (8 * i));
  return text + header + data;
}

template <typename T>
static std::string bytesOf(std::initializer_list<T> values) {
  return {reinterpret_cast<const char *>(std::data(values)), values.size() * sizeof(T)};
}

TEST_CASE("the types that PyTorch writes become f32") {
  Exchange exchange;
  auto read = [&](const std::string &type, const std::string &data, int64_t count) {
    write(exchange.path(), safetensors("{\"a\":{\"dtype\":\"" + type + "\",\"shape\":[" + std::to_string(count) + "],\"data_offsets\":[0," +
                                           std::to_string(data.size()) + "]}}",
                                       data));
    Weights weights({{"a", {count}}});
    CHECK(exchange.import(weights) == "");
    return weights.copy("a");
  };
  CHECK(read("F16", bytesOf<uint16_t>({0x3c00, 0xc000, 0x0001, 0x83ff, 0x7bff, 0x8000, 0x3555}), 7) ==
        Floats{1, -2, 0x1p-24f, -0x1.ff8p-15f, 65504, -0.0f, 0x1.554p-2f});
  CHECK(read("BF16", bytesOf<uint16_t>({0x3f80, 0xc000, 0x4049}), 3) == Floats{1, -2, 3.140625f});
  CHECK(read("F64", bytesOf<double>({0.1, -1e-50, 0x1.000001p0, 0x1.000003p0}), 4) == Floats{0.1f, -0.0f, 1.0f, 0x1.000004p0f});
  CHECK(std::isinf(floatFromF16(0x7c00)));
  CHECK(floatFromF16(0xfc00) < 0);
  CHECK(std::isnan(floatFromF16(0x7e00)));
  CHECK(std::isnan(floatFromBF16(0x7fc0)));
}

TEST_CASE("numbers that f32 cannot hold and integers are refused") {
  Exchange exchange;
  Weights weights({{"a", {1}}});
  write(exchange.path(), safetensors(R"({"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}})", bytesOf<double>({1e300})));
  CHECK(exchange.import(weights) == exchange.path() + ": 'a' has numbers beyond the range of f32");
  write(exchange.path(), safetensors(R"({"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}})", bytesOf<int64_t>({1})));
  CHECK(exchange.import(weights) != "");
  CHECK(exchange.messages == "error: 'a' is I64: weights are F32, F16, BF16 or F64\n");
}

TEST_CASE("shards are found through their index, alone or in a folder") {
  Exchange exchange;
  std::string header = R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"junk":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})";
  write(exchange.path("hf/s1.safetensors"), safetensors(header, bytesOf<float>({1, 7})));
  write(exchange.path("hf/s2.safetensors"), safetensors(R"({"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", bytesOf<float>({2})));
  std::string index = "hf/model.safetensors.index.json";
  auto writeIndex = [&](const std::string &map) { write(exchange.path(index), R"({"metadata":{"total_size":8},"weight_map":{)" + map + "}}"); };
  writeIndex(R"("a":"s1.safetensors","b":"s2.safetensors")");
  for (const std::string &from : {index, std::string("hf")}) {
    Weights weights({{"a", {1}}, {"b", {1}}});
    CHECK(exchange.import(weights, from) == "");
    CHECK(weights["a"][0] == 1);
    CHECK(weights["b"][0] == 2);
  }
  Weights weights({{"a", {1}}, {"b", {1}}});
  std::string path = exchange.path(index);
  for (std::string where : {R"("../s1.safetensors")", R"("..")", R"("")", R"("/etc/passwd")", R"("sub\\x")", R"("a\u0000b")", "7", "null", "[]"}) {
    writeIndex("\"a\":" + where);
    std::string error = exchange.import(weights, index);
    CHECK_MESSAGE(error.find(path + ": the file of 'a' is ") == 0, error);
  }
  writeIndex(R"("c":"s1.safetensors")");
  CHECK(exchange.import(weights, index) == path + ": 'c' is not in s1.safetensors");
  writeIndex(R"("a":"s3.safetensors")");
  CHECK(exchange.import(weights, index) == exchange.path("hf/s3.safetensors") + ": No such file or directory");
  write(path, "{\"weight_map\": 3}");
  CHECK(exchange.import(weights, index) == path + ": not an index of safetensors files: it has no weight_map");
  write(path, "{{");
  CHECK(exchange.import(weights, index) == path + ": not an index of safetensors files: it has no weight_map");
  std::filesystem::create_directory(exchange.path("empty"));
  CHECK(exchange.import(weights, "empty") ==
        exchange.path("empty") + ": there is no run, no model.safetensors.index.json and no model.safetensors in this folder");
}

TEST_CASE("patterns of names, and the nearest name") {
  CHECK(matchesPatterns("layers.0.bias", "*norm*|*.bias"));
  CHECK(matchesPatterns("", "a|"));
  CHECK(matchesPatterns("abab", "*ab"));
  CHECK(matchesPatterns("a", "a**"));
  CHECK(!matchesPatterns("abc", "ab"));
  CHECK(!matchesPatterns("ab", "abc"));
  CHECK(!matchesPatterns("a", ""));
  CHECK(!matchesPatterns(std::string(200, 'a'), "*a*a*a*a*a*a*a*a*a*a*b"));
  CHECK(nearestName("embeding.w", {"linear.w", "embedding.w"}) == "embedding.w");
  CHECK(nearestName("TOPK", {"TopK"}) == "TopK");
  CHECK(nearestName("x", {"y"}) == "");
  CHECK(nearestName("something", {"else", "anything"}) == "");
}
