import { Logger } from 'graphile-worker';

/** For migrations: their faults are thrown. */
export const quietQueueLogger = new Logger(() => () => undefined);
