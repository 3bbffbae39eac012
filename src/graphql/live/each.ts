import { execute, type ExecutionArgs, type ExecutionResult } from 'graphql';
import type { Channel } from './outlet';

/** The results of a source whose messages are this subscriber's own. No generator: its `return` waits for the next message. */
export function each(
  source: AsyncIterable<unknown>,
  args: ExecutionArgs,
  { channel, leave }: { channel: Channel; leave: () => void },
): AsyncGenerator<ExecutionResult> {
  const messages = source[Symbol.asyncIterator]();
  const end = async (): Promise<IteratorResult<ExecutionResult>> => {
    leave();
    void messages.return?.();
    return { done: true, value: undefined };
  };
  const next = async (): Promise<IteratorResult<ExecutionResult>> => {
    const { done, value } = await messages.next();
    if (done || !(await channel.outlet.room())) return end();
    await channel.outlet.held?.confirm();
    return { done: false, value: await execute({ ...args, rootValue: value }) };
  };
  const failing = (error: unknown) => end().then(() => Promise.reject(error));
  return {
    next: () => next().catch(failing),
    return: end,
    throw: failing,
    [Symbol.asyncIterator]() {
      return this;
    },
    [Symbol.asyncDispose]: async () => void (await end()),
  };
}
