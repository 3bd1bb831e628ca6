// `quick` is the README's test command; `image` needs tools beyond Node and skips loudly without them; `slow` is what
// `npm run verify` adds, and some of it needs these tools, too.
const project = (displayName, testMatch, testPathIgnorePatterns = []) => ({
  displayName,
  testMatch,
  testPathIgnorePatterns,
  testEnvironment: 'node',
  transform: { '\\.(ts|mjs|js)$': '<rootDir>/test/support/esbuildTransformer.js' },
  // @middy/* ships ES modules only.
  transformIgnorePatterns: ['/node_modules/(?!@middy/)'],
  modulePathIgnorePatterns: ['<rootDir>/cdk.out/', '<rootDir>/.stepup/'],
  globalSetup: '<rootDir>/test/support/globalSetup.js',
});

module.exports = {
  // A test that takes a second here takes many on a busy machine of CI; what hangs is still found.
  testTimeout: 30_000,
  // Jest would leave one core to itself, which on CI's two is half of them.
  maxWorkers: '100%',
  projects: [
    project('quick', ['<rootDir>/test/**/*.test.ts'], ['\\.(slow|image)\\.test\\.ts$']),
    project('image', ['<rootDir>/test/**/*.image.test.ts']),
    project('slow', ['<rootDir>/test/**/*.slow.test.ts']),
  ],
};
