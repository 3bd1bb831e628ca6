export * from './delays';
export * from './ids';
export * from './operation';
export * from './world';
