require('./bundled.cjs')('main.ts');
