export { EventLog } from './event-log';
export { EventFeed, inBatches, oneByOne, type Showing } from './feed';
export type { EventStream, IsLast, StoredEvent } from './stream';
