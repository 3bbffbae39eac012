import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ExecutionArgs, getOperationAST, GraphQLError, type GraphQLSchema } from 'graphql';
import type { Context, SubscribePayload } from 'graphql-ws';
import { type Extra, useServer } from 'graphql-ws/use/ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Authenticator } from '../access';
import type { Database } from '../db';
import { type Log, type OperatorContext, PraxisError, type TenantContext } from '../kernel';
import { OperationContext } from './context';
import type { DocumentCache } from './document.cache';
import { present, toGraphQLError, toPraxisError } from './errors';
import { LIMITS, refuseOperation } from './limits';
import type { ApiMetrics } from './metrics';
import { requestIdOf } from './request-id';
import { executeOperation } from './snapshot';

/** Close codes of the graphql-transport-ws protocol and RFC 6455. */
const UNAUTHORIZED = 4401;
const GOING_AWAY = 1001;
/** How often the keys of open sockets are checked against the database: all of them in one query. */
const KEY_CHECK_MS = 2_000;
const CLOSE_REASON_BYTES_MAX = 123;

export interface SocketOptions {
  schema: GraphQLSchema;
  /** Shared with HTTP. */
  documents: DocumentCache;
  authenticator: Authenticator;
  database: Database;
  metrics: ApiMetrics;
  log: Log;
  bodyBytesMax: number;
}

interface Session extends Extra, Record<PropertyKey, unknown> {
  caller: TenantContext | OperatorContext;
  requestId: string;
  operationCount: number;
}

type SocketContext = Context<{ authorization?: unknown }, Session>;

/** GraphQL over WebSocket (graphql-transport-ws) on `/graphql`, on the port of the HTTP server. */
export class SocketServer {
  private readonly sockets: WebSocketServer;
  private readonly keyIds = new Map<WebSocket, string>();
  private readonly keyCheck: NodeJS.Timeout;
  private closing = false;

  constructor(
    server: Server,
    private readonly options: SocketOptions,
  ) {
    this.sockets = new WebSocketServer({ noServer: true, maxPayload: options.bodyBytesMax });
    server.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head));
    useServer<{ authorization?: unknown }, Session>(
      {
        schema: options.schema,
        onConnect: (context) => this.connect(context as SocketContext),
        execute: (args) => executeOperation(options.database, args),
        onSubscribe: (context, _id, payload) => this.prepare(context as SocketContext, payload),
        onNext: (...[, , , args, result]) => {
          if (!result.errors) return;
          const { requestId, log } = args.contextValue as OperationContext;
          return { ...result, errors: result.errors.map((error) => present(error, requestId, log)) };
        },
        onError: (context, _id, _payload, errors) => {
          const { requestId } = (context as SocketContext).extra;
          const log = options.log.child({ requestId });
          return errors.map((error) => present(error, requestId, log));
        },
        onClose: (context) => {
          this.keyIds.delete((context as SocketContext).extra.socket as WebSocket);
          options.metrics.sockets.set(this.keyIds.size);
        },
      },
      this.sockets,
    );
    this.keyCheck = setInterval(() => void this.closeInvalid(), KEY_CHECK_MS).unref();
  }

  /** Closes every socket with 1001; those whose client does not answer are cut after `timeoutMs`. */
  async close(timeoutMs: number): Promise<void> {
    this.closing = true;
    clearInterval(this.keyCheck);
    for (const socket of this.sockets.clients) socket.close(GOING_AWAY, 'The server is going away.');
    const cut = setTimeout(() => this.sockets.clients.forEach((socket) => socket.terminate()), timeoutMs);
    await new Promise<void>((resolve) => this.sockets.close(() => resolve()));
    clearTimeout(cut);
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const [path] = (request.url ?? '').split('?');
    if (path !== '/graphql' || this.closing) {
      socket.end(`HTTP/1.1 ${this.closing ? '503 Service Unavailable' : '404 Not Found'}\r\nConnection: close\r\n\r\n`);
      return;
    }
    this.sockets.handleUpgrade(request, socket, head, (client) => this.sockets.emit('connection', client, request));
  }

  private async connect(context: SocketContext): Promise<boolean> {
    const { extra } = context;
    const socket = extra.socket as WebSocket;
    extra.requestId = requestIdOf(extra.request.headers['x-request-id']);
    extra.operationCount = 0;
    try {
      const header = context.connectionParams?.authorization;
      const caller = await this.options.authenticator.authenticate(
        typeof header === 'string' ? header : undefined,
        extra.requestId,
      );
      if (!caller) throw new PraxisError('UNAUTHENTICATED', 'Send connectionParams.authorization "Bearer <api key>".');
      extra.caller = caller;
      if (caller.apiKeyId && socket.readyState === socket.OPEN) this.keyIds.set(socket, caller.apiKeyId);
      this.options.metrics.sockets.set(this.keyIds.size);
      return true;
    } catch (error) {
      const { code, message } = toPraxisError(error);
      socket.close(UNAUTHORIZED, closeReason(`${code}: ${message}`));
      return false;
    }
  }

  private prepare(context: SocketContext, payload: SubscribePayload): ExecutionArgs | readonly GraphQLError[] {
    const { extra } = context;
    const { caller, requestId } = extra;
    try {
      if (Object.keys(context.subscriptions).length > LIMITS.socketOperations) {
        throw new PraxisError('RATE_LIMITED', `At most ${LIMITS.socketOperations} operations at a time on one socket.`);
      }
      const document = this.options.documents.get(payload.query);
      if (Array.isArray(document)) return document;
      const { operationName, variables } = payload;
      const operation = getOperationAST(document, operationName);
      if (!operation) return [new GraphQLError('Unknown operation: name one of the document.')];
      const { schema, log } = this.options;
      const id = `${requestId}.${(extra.operationCount += 1)}`;
      const contextValue = new OperationContext({ ...caller, requestId: id }, id, log).over(extra.request.socket);
      const { account, isEscapeFree } = contextValue;
      refuseOperation({ schema, document, operation, variables, isEscapeFree, account });
      return { schema, document, operationName, variableValues: variables, contextValue };
    } catch (error) {
      return [error instanceof GraphQLError ? error : toGraphQLError(toPraxisError(error))];
    }
  }

  /** A socket outlives the request that opened it, so its key is checked again and again. */
  private async closeInvalid(): Promise<void> {
    if (this.keyIds.size === 0) return;
    try {
      const valid = await this.options.authenticator.stillValid([...new Set(this.keyIds.values())]);
      for (const [socket, keyId] of this.keyIds) {
        if (!valid.has(keyId)) socket.close(UNAUTHORIZED, 'UNAUTHENTICATED: the api key has expired or was revoked.');
      }
    } catch (error) {
      this.options.log.warn({ err: error }, 'could not check the keys of open sockets');
    }
  }
}

function closeReason(text: string): string {
  return Buffer.from(text).subarray(0, CLOSE_REASON_BYTES_MAX).toString('utf8');
}
