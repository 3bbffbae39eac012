// Owns the life of operating-system processes: draining on signals, ending with a parent, supervising a child.
// It knows nothing of what the processes do. What children alone need is apart, in `metrics`: a parent stays light.
export {
  closeFilesToOthers,
  drainOnSignal,
  endWith,
  endWithParent,
  endWhenOrphaned,
  isSupervised,
  withoutOwn,
  yieldToOthers,
} from './lifecycle';
export { endWithFailure, hearParent, sayReady, SupervisedChild } from './child';
export { isListener, launchChild, launchListener } from './launch';
export { MetricsRelay } from './metrics-relay';
