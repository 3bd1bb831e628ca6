// Two projects: `quick` is the README's test command, `slow` is added by `npm run verify`.
const shared = {
  testEnvironment: 'node',
  transform: { '\\.(ts|mjs|js)$': '<rootDir>/test/support/esbuildTransformer.js' },
  // @middy/* ships ES modules only.
  transformIgnorePatterns: ['/node_modules/(?!@middy/)'],
  modulePathIgnorePatterns: ['<rootDir>/cdk.out/', '<rootDir>/.stepup/'],
  globalSetup: '<rootDir>/test/support/globalSetup.js',
};

module.exports = {
  projects: [
    {
      ...shared,
      displayName: 'quick',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['\\.slow\\.test\\.ts$'],
    },
    { ...shared, displayName: 'slow', testMatch: ['<rootDir>/test/**/*.slow.test.ts'] },
  ],
};
