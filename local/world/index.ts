export * from './assumptions';
export * from './delays';
export * from './hardware';
export * from './ids';
export * from './operation';
export * from './retrying';
export * from './scheduler';
export * from './world';
