// Owns the life of operating-system processes: draining on signals, ending with a parent, supervising a child.
// It knows nothing of what the processes do.
export { drainOnSignal, endWith, endWithParent, endWhenOrphaned } from './lifecycle';
export { sayReady, SupervisedChild } from './child';
export { isListener, launchChild, launchListener } from './launch';
export { relayMetrics, sharedMetrics } from './metrics';
