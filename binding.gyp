{
  "variables": {
    "tsuwsgi_sanitize%": "",
    # For those who change the sources. Whoever builds the package has a compiler and headers that nobody has tried.
    "tsuwsgi_strict%": "",
    "tsuwsgi_warnings": [
      "-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Wsign-conversion", "-Wold-style-cast", "-Werror"
    ]
  },
  "target_defaults": {
    "cflags_cc": ["-std=c++17", "-fno-exceptions", "-fno-rtti", "-fvisibility=hidden"],
    "cflags_cc!": ["-std=gnu++17", "-std=gnu++20", "-std=c++20"],
    "include_dirs": ["native"],
    "conditions": [
      ["tsuwsgi_strict!=''", { "cflags_cc": ["<@(tsuwsgi_warnings)"] }],
      ["tsuwsgi_sanitize!=''", {
        "cflags_cc": ["-fsanitize=<(tsuwsgi_sanitize)", "-fno-omit-frame-pointer", "-g", "-O1", "-DTSUWSGI_DEBUG"],
        "ldflags": ["-fsanitize=<(tsuwsgi_sanitize)"]
      }]
    ],
    "configurations": {
      "Debug": { "defines": ["TSUWSGI_DEBUG"] },
      "Release": { "cflags_cc": ["-O3"] }
    }
  },
  "targets": [
    {
      "target_name": "core",
      "type": "static_library",
      "cflags": ["-fPIC"],
      "sources": ["<!@(find native/base native/net native/proto native/server native/shared -name '*.cc' | sort)"]
    },
    {
      "target_name": "tsuwsgi_native",
      "dependencies": ["core"],
      "sources": ["<!@(find native/binding -name '*.cc' | sort)"],
      "defines": [
        "NAPI_VERSION=9",
        "NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS",
        "NODE_ADDON_API_DISABLE_DEPRECATED",
        # A thread may be terminated while it is in a call of ours: then nothing can be thrown, which is no reason to end the process.
        "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS",
        "TSUWSGI_VERSION=\"<!(node -p \"require('./package.json').version\")\""
      ],
      "cflags_cc": ["-isystem <!(node -p \"require('path').resolve(require('node-addon-api').include_dir)\")", "-isystem <(node_root_dir)/include/node"]
    }
  ]
}
