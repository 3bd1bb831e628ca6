#!/usr/bin/env node
// The versions are pinned: that later ones will need a newer Node is no news to whoever runs this.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
// The command runs from its sources: tsx compiles them as they are read.
require('tsx/cjs');

/** A pipe takes what was written only as fast as it is read. */
const drained = (stream) => new Promise((resolve) => stream.write('', () => resolve()));

require('./main')
  .main(process.argv.slice(2))
  .then(async (code) => {
    await Promise.all([drained(process.stdout), drained(process.stderr)]);
    process.exit(code);
  });
