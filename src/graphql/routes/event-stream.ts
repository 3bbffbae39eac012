import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ExecutionResult, GraphQLError, OperationTypeNode } from 'graphql';
import type { Authenticator } from '../../access';
import type { Database } from '../../db';
import { type Log, PraxisError } from '../../kernel';
import { OperationContext } from '../operations/context';
import { HTTP_STATUS, present, toPraxisError } from '../errors';
import { type CutReason, Outlet } from '../live/outlet';
import type { FanOut } from '../live/fan-out';
import type { ApiMetrics } from '../metrics';
import { type GivenOperation, OperationReader, type ReadOperation } from '../operations/operation';
import type { AddressOf } from '../http/public-address';
import { ONE_DOCUMENT, parsed, refuseMisshapen } from '../operations/request-shape';
import { executeOperation } from '../operations/snapshot';
import type { UnsentAnswers } from '../live/unsent-answers';

export interface EventStreamOptions {
  reader: OperationReader;
  authenticator: Authenticator;
  database: Database;
  fanOut: FanOut;
  unsent: UnsentAnswers;
  metrics: ApiMetrics;
  log: Log;
  addressOf: AddressOf;
}

const MEDIA_TYPE = 'text/event-stream';
const HEAD = 'event: next\ndata: ';
const TAIL = '\n\n';
const COMPLETE = 'event: complete\ndata:\n\n';
/** Proxies close what is silent; a peer that is gone shows when it is written to. */
const COMMENT_MS = 12_000;
const FAREWELL_MS = 1_000;

export const asksForEvents = ({ headers }: FastifyRequest): boolean => Boolean(headers.accept?.includes(MEDIA_TYPE));

/**
 * Server-sent events: one operation over one request, in the "distinct connections" mode of graphql-sse. Authorisation, limits,
 * `after` and the end of a key are those of sockets.
 */
export class EventStreams {
  private readonly open = new Set<ResponseOutlet>();

  constructor(private readonly o: EventStreamOptions) {}

  /** Ends every stream; clients come back to another process. */
  close(): void {
    for (const outlet of this.open) outlet.cut('going');
  }

  async answer(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const { authenticator, log, metrics } = this.o;
    const outlet = new ResponseOutlet(reply, (reason) => metrics.cuts.inc({ reason }));
    const onEnd = (reason: PraxisError) => outlet.cut(reason.code === 'UNAUTHENTICATED' ? 'key' : 'rights', reason);
    const held = await authenticator.hold(request.headers.authorization, request.id, onEnd);
    reply.raw.once('close', () => held?.release());
    if (reply.raw.destroyed) held?.release();
    outlet.held = held;
    const context = new OperationContext(held?.callerOf(request.id) ?? null, request.id, log).over(
      request.raw,
      this.o.addressOf,
    );
    const answer = (context.account.unsent = this.o.unsent.open(context.caller));
    const read = this.o.reader.read(givenIn(request), context);
    if (!('args' in read)) {
      const errors = read.map((error) => present(error, request.id, log));
      return reply.code(HTTP_STATUS[toPraxisError(read[0]).code]).send({ errors });
    }
    refuseMutationByGet(request, read);
    this.open.add(outlet);
    reply.raw.once('close', () => this.open.delete(outlet));
    outlet.begin(request.id);
    await this.send(read, outlet);
    answer.releaseAfter(reply.raw);
    return reply;
  }

  private async send({ args, operation }: ReadOperation, outlet: ResponseOutlet): Promise<void> {
    const { requestId, log } = args.contextValue as OperationContext;
    const presented = (errors: readonly unknown[]) => errors.map((error) => present(error, requestId, log));
    const next = ({ errors, ...result }: ExecutionResult) =>
      outlet.write(HEAD + JSON.stringify({ ...(errors && { errors: presented(errors) }), ...result }) + TAIL);
    try {
      const channel = { outlet, head: HEAD, tail: TAIL };
      const isStream = operation.operation === OperationTypeNode.SUBSCRIPTION;
      const result = await (isStream
        ? this.o.fanOut.subscribe(args, channel)
        : executeOperation(this.o.database, args));
      if (!(Symbol.asyncIterator in result)) next(result);
      else {
        outlet.onClose(() => void result.return(undefined));
        for await (const each of result) next(each);
      }
    } catch (error) {
      next({ errors: [error as GraphQLError] });
    }
    outlet.complete();
  }
}

/** The response to one request. */
class ResponseOutlet extends Outlet {
  private ending = false;
  private comments: NodeJS.Timeout | undefined;

  constructor(
    private readonly reply: FastifyReply,
    private readonly onCut: (reason: CutReason) => void,
  ) {
    super();
  }

  get isOpen(): boolean {
    return !this.ending && !this.reply.raw.destroyed;
  }

  get bufferedBytes(): number {
    return this.reply.raw.writableLength;
  }

  begin(requestId: string): void {
    const { raw } = this.reply;
    const headers = {
      ...this.reply.getHeaders(),
      ...{ 'content-type': `${MEDIA_TYPE}; charset=utf-8`, 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
      ...{ 'x-content-type-options': 'nosniff', 'x-request-id': requestId },
    };
    this.reply.hijack();
    raw.writeHead(200, headers as Record<string, string>);
    raw.write(':\n\n');
    this.comments = setInterval(() => this.write(':\n\n'), COMMENT_MS).unref();
    this.onClose(() => clearInterval(this.comments));
  }

  onClose(end: () => void): void {
    if (this.reply.raw.destroyed) end();
    else this.reply.raw.once('close', end);
  }

  write(frame: string): void {
    if (this.isOpen) this.reply.raw.write(frame);
  }

  complete(): void {
    this.write(COMPLETE);
    this.end();
  }

  cut(reason: CutReason, error?: PraxisError): void {
    if (this.ending) return;
    this.onCut(reason);
    if (error) this.write(`${HEAD}${JSON.stringify({ errors: [presentPlain(error)] })}${TAIL}${COMPLETE}`);
    this.end();
  }

  private end(): void {
    if (this.ending) return;
    this.ending = true;
    const { raw } = this.reply;
    raw.end();
    const destroying = setTimeout(() => raw.destroy(), FAREWELL_MS);
    raw.once('close', () => clearTimeout(destroying));
  }
}

const presentPlain = ({ code, message }: PraxisError) => ({ message, extensions: { code } });

function givenIn(request: FastifyRequest): GivenOperation {
  refuseMisshapen(request, ONE_DOCUMENT);
  const { method, query, body, url, bodyCharacters } = request;
  const operation = (method === 'GET' ? query : body) as Omit<GivenOperation, 'characters'>;
  const { variables } = operation;
  return {
    ...operation,
    variables: typeof variables === 'string' ? (parsed(variables) as never) : variables,
    characters: url.length + bodyCharacters,
  };
}

function refuseMutationByGet({ method }: FastifyRequest, { operation }: ReadOperation): void {
  if (method !== 'GET' || operation.operation !== OperationTypeNode.MUTATION) return;
  throw PraxisError.invalid([{ path: 'query', message: 'is a mutation, which GET does not take', hint: 'use POST' }]);
}
