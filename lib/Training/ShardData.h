//===- ShardData.h - data folders of token ids ------------------*- C++ -*-===//
#pragma once

#include "lib/Training/DataLayout.h"

namespace moe {

/// Maps the shards of a folder. Every id has been seen to lie in the vocabulary; of large shards that did not change since, earlier.
Status loadShards(const std::string &folder, const DataFormat &format, TextData &data, const DataOptions &options);
/// Maps the shards of one split and looks at every id.
Status loadShards(const std::string &folder, const DataFormat &format, Split split, TokenStream &stream);

/// What is known of a split before it is read.
void describeFiles(const std::string &folder, const DataLayout &layout, Split split, TokenStream &stream);

} // namespace moe
