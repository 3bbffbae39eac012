export { EventLog } from './event-log';
export type { StoredEvent } from './stream';
