#!/usr/bin/env node
// The command runs from its sources: tsx compiles them as they are read.
// The versions are pinned: that later ones will need a newer Node is no news to whoever runs this.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
require('tsx/cjs');
require('./main')
  .main(process.argv.slice(2))
  .then((code) => process.exit(code));
