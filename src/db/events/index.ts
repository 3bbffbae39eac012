export { EndingStream } from './ending.stream';
export { EventLog } from './event-log';
export type { StoredEvent } from './stream';
