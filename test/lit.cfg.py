import os
import sys

import lit.formats

config.name = "moec"
config.test_format = lit.formats.ShTest(execute_external=True)
config.suffixes = [".mlir", ".moe", ".test"]
config.excludes = ["golden", "Inputs"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.moe_build, "test")

tools = os.path.join(config.moe_build, "bin")
config.environment["PATH"] = os.pathsep.join([tools, config.llvm_tools, os.environ["PATH"]])
config.environment["XDG_CACHE_HOME"] = os.path.join(config.moe_build, "test-cache")
config.environment["NO_COLOR"] = "1"
config.substitutions.append(("%models", os.path.join(config.moe_source, "models")))
config.substitutions.append(("%golden", os.path.join(config.moe_source, "test", "golden")))
config.substitutions.append(("%source", config.moe_source))
config.substitutions.append(("%bin", tools))
config.substitutions.append(("%python", sys.executable))
if config.sanitize:
    config.available_features.add("asan")
    # The MLIR libraries are not instrumented: what they allocate at start-up is theirs, and where they take memory from an allocator whose inline code
    # poisoned it on our side, they do not say so.
    config.environment["ASAN_OPTIONS"] = "detect_leaks=0:detect_container_overflow=0:allow_user_poisoning=0"
