import { MessageType } from 'graphql-ws';
import { type Fault, PraxisError } from '../../kernel';
import { faultsOfRequest, ONE_DOCUMENT, parsed } from '../operations/request-shape';

/** What clients send, besides pings and pongs. */
const TYPES: string[] = [
  MessageType.ConnectionInit,
  MessageType.Subscribe,
  MessageType.Complete,
  MessageType.Ping,
  MessageType.Pong,
];

/** Why a message is none of the protocol graphql-transport-ws; graphql-ws only says that it is not. */
export function refusalOfMessage(text: string): PraxisError {
  const message = parsed(text);
  const found = typeof message === 'object' && message !== null ? faultsOf(message as Record<string, unknown>) : [];
  const faults = [...found];
  if (faults.length > 0) return PraxisError.invalid(faults);
  return PraxisError.invalid([{ path: 'message', message: 'is not one of graphql-transport-ws' }]);
}

function* faultsOf({ type, id, payload }: Record<string, unknown>): Generator<Fault> {
  if (!TYPES.includes(type as string)) return yield { path: 'type', message: `must be one of ${TYPES.join(', ')}` };
  const isOperation = type === MessageType.Subscribe || type === MessageType.Complete;
  if (isOperation && (typeof id !== 'string' || id === '')) yield { path: 'id', message: 'must be a text' };
  if (type === MessageType.Subscribe) return yield* faultsOfRequest(payload, 'payload', ONE_DOCUMENT);
  if (!isOperation && payload !== undefined) yield { path: 'payload', message: 'must be an object' };
}
