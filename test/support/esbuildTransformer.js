// Jest needs no type information: esbuild turns TypeScript into CommonJS a file at a time.
// keepNames: error classes are matched by name.
const { createHash } = require('node:crypto');
const esbuild = require('esbuild');

const options = { loader: 'ts', format: 'cjs', target: 'node20', sourcemap: 'inline', keepNames: true };

module.exports = {
  process: (source, sourcefile) => ({ code: esbuild.transformSync(source, { ...options, sourcefile }).code }),
  getCacheKey: (source, sourcefile) =>
    createHash('sha256')
      .update(JSON.stringify([esbuild.version, options, sourcefile, source]))
      .digest('hex'),
};
