import { parse, subscribe, validate, type ExecutionResult, type GraphQLSchema } from 'graphql';
import type { Database } from '../../src/db';
import { executeOperation, OperationContext, toPraxisError } from '../../src/graphql';
import type { TenantContext } from '../../src/kernel';
import { testLog } from './database';

/** Operations on a schema as the server runs them, without the way over HTTP. */
export class Operations {
  constructor(
    private readonly database: Database,
    private readonly schema: GraphQLSchema,
  ) {}

  /** Runs an operation and gives its data; a failure is thrown as the PraxisError a client would see. */
  async run<T>(caller: TenantContext, source: string, variableValues: Record<string, unknown> = {}): Promise<T> {
    const args = this.arguments(caller, source, variableValues);
    const [fault] = validate(this.schema, args.document);
    const { data, errors } = fault ? { errors: [fault] } : await executeOperation(this.database, args);
    if (errors) throw toPraxisError(errors[0]);
    return data as T;
  }

  /** Opens a subscription; refused ones throw the PraxisError. */
  async subscribe<T>(
    caller: TenantContext,
    source: string,
    variableValues: Record<string, unknown>,
  ): Promise<AsyncGenerator<ExecutionResult<T>>> {
    const result = await subscribe(this.arguments(caller, source, variableValues));
    if ('errors' in result && result.errors) throw toPraxisError(result.errors[0]);
    return result as AsyncGenerator<ExecutionResult<T>>;
  }

  private arguments(caller: TenantContext, source: string, variableValues: Record<string, unknown>) {
    // A caller of its own, as the server makes one for each operation.
    const contextValue = new OperationContext({ ...caller }, caller.requestId, testLog);
    return { schema: this.schema, document: parse(source), variableValues, contextValue };
  }
}

/** An answer of the API that refuses, as it comes over HTTP. */
export interface Refused {
  errors: {
    message: string;
    extensions: { code: string; requestId: string; issues: { path: string; message: string; hint?: string }[] };
  }[];
}
