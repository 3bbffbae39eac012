import { parseCronItems } from 'graphile-worker';

const MINUTE_MS = 60_000;
/** A schedule that names the 29th of February comes at least so often. */
const MINUTES_MAX = 8 * 366 * 24 * 60;

/** The first minute after `after` that a schedule names, in UTC. */
export function nextTime(schedule: string, after: Date): Date {
  const [item] = parseCronItems([{ task: 'scheduled', match: schedule }]);
  const first = Math.floor(after.getTime() / MINUTE_MS) + 1;
  for (let minute = first; minute < first + MINUTES_MAX; minute++) {
    const at = new Date(minute * MINUTE_MS);
    const digest = {
      ...{ min: at.getUTCMinutes(), hour: at.getUTCHours(), date: at.getUTCDate() },
      ...{ month: at.getUTCMonth() + 1, dow: at.getUTCDay() },
    };
    if (item.match(digest)) return at;
  }
  throw new Error(`The schedule "${schedule}" never comes.`);
}
