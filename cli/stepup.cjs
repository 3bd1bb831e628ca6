#!/usr/bin/env node
// The versions are pinned: that later ones will need a newer Node is no news to whoever runs this.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
// The command runs from its sources: tsx compiles them as they are read.
require('tsx/cjs');
const { closeSync } = require('node:fs');
const { main } = require('./main');
const { EXIT } = require('./exitCodes');

/** Why something could not be written. Whoever was piped to may have read enough: that is no error, and a run is followed to its end. */
let lost;
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if (error.code !== 'EPIPE') lost = error;
  });
}

/** A pipe takes what was written only as fast as it is read. */
const drained = (stream) => new Promise((resolve) => stream.write('', () => resolve()));

main(process.argv.slice(2)).then(async (code) => {
  await Promise.all([drained(process.stdout), drained(process.stderr)]);
  if (lost) process.stderr.write(`✖ Not everything could be written: ${lost.message}\n`);
  // The terminal has been closed. Node would restore its settings at the end, and abort because it cannot.
  if (lost?.code === 'EIO') for (const fd of [0, 1, 2]) closeSync(fd);
  process.exit(lost && code === EXIT.done ? EXIT.unexpected : code);
});
