import { Logger } from 'graphile-worker';
import type { Log } from '../../kernel';

/** The queue's own messages in our log; its reports on single jobs are left out, since the runner writes its own. */
export const queueLogger = (log: Log): Logger =>
  new Logger(() => (level, message, meta) => {
    if (level === 'error' && !meta?.failure) log.error({ detail: message }, 'queue error');
    else if (level === 'warning') log.warn({ detail: message }, 'queue warning');
  });

/** For migrations: their faults are thrown. */
export const quietQueueLogger = new Logger(() => () => undefined);
