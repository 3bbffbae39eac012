// The kernel owns what every room speaks: who acts, what went wrong, ids, pages, time and logs. It imports nothing in src.
export * from './alive';
export * from './clock';
export * from './context';
export * from './cursor';
export * from './either';
export * from './errors';
export * from './graph';
export * from './ids';
export * from './log';
export * from './name';
export * from './nearest';
export * from './pagination';
export * from './private-files';
export * from './resolver-of';
export * from './server-address';
export * from './storage-full';
export * from './version';
