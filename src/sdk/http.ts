import { fromGraphErrors, isAbort, PraxisClientError, type GraphError } from './error';

/** A typed operation from `generated.ts`, or any GraphQL text. */
export interface Operation<TData, TVariables> {
  toString(): string;
  /** Carries the types; never set. */
  __apiType?: (variables: TVariables) => TData;
}

export interface Connection {
  /** Address of the server without a trailing slash, e.g. `http://localhost:4000`. */
  url: string;
  key: string;
  fetch: typeof fetch;
}

const ANSWER_SHOWN_MAX = 200;

/** One query or mutation over HTTP. Throws PraxisClientError. */
export async function post<TData>(
  connection: Connection,
  body: { query: string; variables?: unknown },
  signal?: AbortSignal,
): Promise<TData> {
  const response = await send(connection, `${connection.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(body),
    signal,
  });
  const requestId = response.headers.get('x-request-id');
  const answer = await readJson<{ data?: TData; errors?: GraphError[] }>(response, requestId);
  if (answer.errors?.length) throw fromGraphErrors(answer.errors, requestId);
  if (answer.data === undefined || answer.data === null) {
    throw new PraxisClientError('UNEXPECTED', 'The answer has neither data nor errors.', { requestId });
  }
  return answer.data;
}

/** A request with the key. Throws UNREACHABLE when no answer comes; an AbortError passes through. */
export function send(connection: Connection, url: string, init: RequestInit): Promise<Response> {
  const headers = { authorization: `Bearer ${connection.key}`, ...(init.headers as Record<string, string>) };
  return sendWithoutKey(connection, url, { ...init, headers });
}

/** For addresses that carry their own secret. */
export async function sendWithoutKey(connection: Connection, url: string, init: RequestInit): Promise<Response> {
  try {
    return await connection.fetch(url, init);
  } catch (error) {
    if (isAbort(error)) throw error;
    const { cause } = error as { cause?: { code?: string; message?: string } };
    const why = cause?.code ?? cause?.message ?? (error as Error).message;
    throw new PraxisClientError('UNREACHABLE', `No answer from ${new URL(url).origin}: ${why}.`, { cause: error });
  }
}

async function readJson<T>(response: Response, requestId: string | null): Promise<T> {
  const text = await response.text();
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    const shown = text.slice(0, ANSWER_SHOWN_MAX);
    throw new PraxisClientError('UNEXPECTED', `Status ${response.status} with no JSON: ${shown}`, {
      requestId,
      cause: error,
    });
  }
}

/** The error of a plain HTTP route: `{"error": {"code", "message"}}`, or the shape of GraphQL. */
export async function errorOf(response: Response): Promise<PraxisClientError> {
  const requestId = response.headers.get('x-request-id');
  const text = await response.text();
  try {
    const { errors, error } = JSON.parse(text) as { errors?: GraphError[]; error?: { code?: string; message: string } };
    if (errors?.length) return fromGraphErrors(errors, requestId);
    if (error?.message) return new PraxisClientError(error.code ?? 'UNEXPECTED', error.message, { requestId });
  } catch {
    // Not JSON: say what came.
  }
  const shown = text.slice(0, ANSWER_SHOWN_MAX);
  return new PraxisClientError('UNEXPECTED', `Status ${response.status}: ${shown}`, { requestId });
}
