// Loaded by node before SillyTavern: the libraries of its page are packed as they are. To make them
// small takes longer than all else it does in a test, and changes nothing that they do.
"use strict";

const { createRequire } = require("node:module");
const path = require("node:path");

const program = process.argv[1] ?? "";
if (path.basename(program) === "server.js") {
  const there = createRequire(path.resolve(program));
  const webpack = there("webpack");
  there.cache[there.resolve("webpack")].exports = new Proxy(webpack, {
    apply: (made, self, [config, ...rest]) =>
      Reflect.apply(made, self, [{ ...config, optimization: { minimize: false } }, ...rest]),
  });
}
