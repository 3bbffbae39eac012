import type { TrainEvent, TrainPort } from '../../../src/engine/types';

/** A port to train with that keeps the events. */
export function recorder(port: Partial<TrainPort> = {}) {
  const events: TrainEvent[] = [];
  const full: TrainPort = {
    emit: (chunk) => events.push(...chunk),
    checkpoint: () => {},
    control: () => 'continue',
    ...port,
  };
  return { events, port: full };
}
