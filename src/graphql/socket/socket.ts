import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ExecutionArgs, type GraphQLError, type GraphQLSchema } from 'graphql';
import {
  CloseCode,
  type Context,
  handleProtocols,
  makeServer,
  type Server as Protocol,
  type SubscribePayload,
} from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Authenticator, Caller } from '../../access';
import type { Database } from '../../db';
import { type Log, PraxisError } from '../../kernel';
import { refuse } from '../http/client-errors';
import { OperationContext } from '../operations/context';
import { present, toGraphQLError, toPraxisError } from '../errors';
import { LIMITS, refuseShape } from '../limits';
import type { FanOut } from '../live/fan-out';
import type { Channel } from '../live/outlet';
import { Quota, type QuotaLimits } from '../live/quota';
import type { ApiMetrics } from '../metrics';
import type { OperationReader } from '../operations/operation';
import type { AddressOf } from '../http/public-address';
import { requestIdOf } from '../http/request-id';
import { executeOperation } from '../operations/snapshot';
import { refusalOfMessage } from './socket-message';
import { type Incoming, SocketSession } from './socket.session';
import type { UnsentAnswers } from '../live/unsent-answers';
import { asksForSocket, handBack } from './upgrades';
import { textOf } from '../http/utf8';

export interface SocketOptions {
  schema: GraphQLSchema;
  reader: OperationReader;
  authenticator: Authenticator;
  database: Database;
  metrics: ApiMetrics;
  fanOut: FanOut;
  unsent: UnsentAnswers;
  limits: QuotaLimits;
  log: Log;
  bodyBytesMax: number;
  addressOf: AddressOf;
}

interface Session extends Record<PropertyKey, unknown> {
  session: SocketSession;
  request: IncomingMessage;
}

type Params = Record<string, unknown>;
type SocketContext = Context<Params, Session>;

/** What graphql-ws hands from `onSubscribe` to `subscribe`. */
interface SocketArgs extends ExecutionArgs {
  channel: Channel;
}

const INIT_TIMEOUT_MS = 3_000;
/** Asked at this rate whether it is there, a peer has as long to answer. */
const PING_MS = 12_000;

const TOO_MUCH_WITHOUT_KEY = new PraxisError(
  'UNAUTHENTICATED',
  `A socket takes at most ${LIMITS.strangerBytes} bytes before connection_init has shown a key.`,
);
const ID_TOO_LONG = new PraxisError(
  'VALIDATION_FAILED',
  `The id of an operation has at most ${LIMITS.operationIdCharacters} characters.`,
);
const TOO_MUCH_OPEN = new PraxisError(
  'RATE_LIMITED',
  `The open operations of one socket came in at most ${LIMITS.socketCharacters} characters: wait for some, or send them over HTTP.`,
);

/** GraphQL over WebSocket (graphql-transport-ws) on `/graphql`, on the port of the HTTP server. */
export class SocketServer {
  private readonly sockets: WebSocketServer;
  private readonly protocol: Protocol<Session>;
  private readonly quota: Quota;
  private readonly sessions = new Set<SocketSession>();
  /** Those whose key is not known yet, oldest first, each with what ends the count of its bytes. */
  private readonly strangers = new Map<SocketSession, () => void>();
  private readonly pings: NodeJS.Timeout;
  private closing = false;

  constructor(
    server: Server,
    private readonly options: SocketOptions,
  ) {
    this.quota = new Quota('sockets', options.limits, 'close some, or send several operations over one');
    this.protocol = this.createProtocol();
    const maxPayload = Math.min(options.bodyBytesMax, LIMITS.socketMessageBytes);
    this.sockets = new WebSocketServer({ noServer: true, maxPayload, handleProtocols });
    this.sockets.on('wsClientError', ({ message }, socket) => refuse(socket, { status: 400, message }));
    server.on('upgrade', (request, socket, head) => {
      // While it stops, a handshake is refused as all requests are.
      if (!this.closing && asksForSocket(request)) this.upgrade(request, socket, head);
      else handBack(server, request, socket as Socket, head);
    });
    this.pings = setInterval(() => this.askPeers(), PING_MS).unref();
  }

  /** Closes every socket with 1001; those whose client does not answer are cut a second later. */
  async close(): Promise<void> {
    this.closing = true;
    clearInterval(this.pings);
    for (const session of this.sessions) session.cut('going');
    await new Promise<void>((resolve) => this.sockets.close(() => resolve()));
  }

  private createProtocol(): Protocol<Session> {
    const { database, fanOut, log } = this.options;
    return makeServer<Params, Session>({
      schema: this.options.schema,
      connectionInitWaitTimeout: INIT_TIMEOUT_MS,
      onConnect: (context) => this.connect(context),
      execute: (args) => executeOperation(database, args),
      subscribe: (args) => fanOut.subscribe(args, (args as SocketArgs).channel),
      onSubscribe: (context, id, payload) => this.prepare(context, id, payload),
      onNext: (...[, , , args, result]) => {
        if (!result.errors) return;
        const { requestId, log } = args.contextValue as OperationContext;
        return { ...result, errors: result.errors.map((error) => present(error, requestId, log)) };
      },
      onError: ({ extra: { session } }, _id, _payload, errors) => {
        const { requestId } = session;
        return errors.map((error) => present(error, requestId, log.child({ requestId })));
      },
    });
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.sockets.handleUpgrade(request, socket, head, (client) => this.open(client, { request, duplex: socket }));
  }

  private open(socket: WebSocket, { request, duplex }: { request: IncomingMessage; duplex: Duplex }): void {
    const { metrics, log } = this.options;
    const session = new SocketSession(socket, duplex, (reason) => metrics.cuts.inc({ reason }));
    session.requestId = requestIdOf(request.headers['x-request-id']);
    this.sessions.add(session);
    this.strangers.set(
      session,
      session.countBytes(LIMITS.strangerBytes, () => session.expel('key', TOO_MUCH_WITHOUT_KEY)),
    );
    if (this.strangers.size > LIMITS.strangers) this.evictOldest();
    const closed = this.protocol.opened(
      {
        protocol: socket.protocol,
        send: async (text) => session.write(text),
        close: (code = 1000, reason = '') => {
          // What graphql-ws cannot read it closes for, without saying why.
          if (code === CloseCode.BadRequest) session.cut('protocol', refusalOfMessage(session.message));
          else session.end(code, reason);
        },
        onPing: (payload) => session.write(pongTo(payload)),
        onMessage: (take) => {
          socket.on('message', (data) => {
            session.admit();
            if (!session.isOpen) return;
            this.receive(session, data as Buffer, take).catch((error: unknown) => {
              log.debug({ err: error, requestId: session.requestId }, 'a message over a socket was refused');
              session.cut('protocol', error instanceof PraxisError ? error : undefined);
            });
          });
        },
      },
      { session, request },
    );
    socket.once('close', (code, reason) => {
      this.forget(session);
      void closed(code, String(reason));
    });
  }

  private async receive(session: SocketSession, data: Buffer, take: (text: string) => Promise<void>): Promise<void> {
    // Of frames that say they are text the library has seen to it already.
    const text = textOf(data, 'message');
    refuseShape(text, this.strangers.has(session));
    const incoming: Incoming = { characters: text.length, answer: null };
    session.incoming = incoming;
    session.openCharacters += text.length;
    session.message = text;
    // Until its operation ends: so long the message is kept.
    const taken = take(text).finally(() => {
      session.openCharacters -= text.length;
      incoming.answer?.releaseAfter(session);
    });
    session.message = '';
    await taken;
  }

  private forget(session: SocketSession): void {
    this.sessions.delete(session);
    this.recognise(session);
    session.release();
  }

  private recognise(session: SocketSession): void {
    this.strangers.get(session)?.();
    this.strangers.delete(session);
    this.options.metrics.sockets.set(this.sessions.size - this.strangers.size);
  }

  private evictOldest(): void {
    const [[oldest]] = this.strangers;
    this.strangers.delete(oldest);
    oldest.cut('limit', new PraxisError('RATE_LIMITED', 'Too many sockets have not sent connection_init yet.'));
  }

  private async connect({ connectionParams, extra: { session } }: SocketContext): Promise<boolean> {
    const { authenticator } = this.options;
    try {
      const onEnd = (reason: PraxisError) => session.cut(reason.code === 'UNAUTHENTICATED' ? 'key' : 'rights', reason);
      const held = await authenticator.hold(authorizationIn(connectionParams), session.requestId, onEnd);
      if (!held) throw new PraxisError('UNAUTHENTICATED', 'Send connectionParams.authorization "Bearer <api key>".');
      session.held = held;
      session.onRelease(() => held.release());
      session.onRelease(this.quota.take(held.caller));
      this.recognise(session);
    } catch (thrown) {
      const error = toPraxisError(thrown);
      session.cut(error.code === 'UNAUTHENTICATED' ? 'key' : 'limit', error);
    }
    return session.isOpen;
  }

  private async prepare(
    context: SocketContext,
    id: string,
    payload: SubscribePayload,
  ): Promise<SocketArgs | readonly GraphQLError[]> {
    const { session, request } = context.extra;
    // Of this very message, as nothing was awaited since it came.
    const { incoming } = session;
    try {
      if (id.length > LIMITS.operationIdCharacters) session.cut('protocol', ID_TOO_LONG);
      if (Object.keys(context.subscriptions).length > LIMITS.socketOperations) {
        throw new PraxisError('RATE_LIMITED', `At most ${LIMITS.socketOperations} operations at a time on one socket.`);
      }
      if (session.openCharacters > LIMITS.socketCharacters) throw TOO_MUCH_OPEN;
      const requestId = `${session.requestId}.${(session.operationCount += 1)}`;
      const caller = await callerOf(session, requestId);
      const operationContext = new OperationContext(caller, requestId, this.options.log);
      operationContext.account.unsent = incoming.answer = this.options.unsent.open(caller);
      const read = this.options.reader.read(
        { ...payload, characters: incoming.characters },
        operationContext.over(request, this.options.addressOf),
      );
      if (!('args' in read)) return read;
      return { ...read.args, channel: session.channel(id) };
    } catch (error) {
      return [toGraphQLError(toPraxisError(error))];
    }
  }

  private askPeers(): void {
    for (const session of this.sessions) session.askPeer();
  }
}

/** Who may act now. A connection that is on its way out acts no more. */
async function callerOf(session: SocketSession, requestId: string): Promise<Caller> {
  const { held } = session;
  if (held && !held.stands) await held.confirm();
  if (held && session.isOpen) return held.callerOf(requestId);
  throw new PraxisError('UNAUTHENTICATED', 'The socket is closing: connect again.');
}

/** With the payload of the ping when it is small, as control frames of WebSockets are (RFC 6455, section 5.5). */
function pongTo(payload: unknown): string {
  const text = JSON.stringify({ type: 'pong', payload });
  return text.length <= LIMITS.pongCharacters ? text : '{"type":"pong"}';
}

/** As header names are, the name is taken in any case. */
function authorizationIn(params: Params | undefined): string | undefined {
  const [, value] = Object.entries(params ?? {}).find(([name]) => name.toLowerCase() === 'authorization') ?? [];
  return typeof value === 'string' ? value : undefined;
}
