require('./bundled.cjs')('mutations/main.ts');
