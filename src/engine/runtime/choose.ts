/** Which executor and provider train, and why. */
import { availableParallelism } from 'node:os';
import { EngineError, type ExecutorName, type Provider } from '../types';
import type { Executor } from './executor';
import { eagerExecutor } from './eager.executor';
import { onnxExecutor } from './onnx.executor';
import { installedProviders, tryProvider } from './ort';

export interface Choice {
  executor: Executor;
  provider: Provider;
  /** One sentence for the user. */
  reason: string;
}

export interface ExecutorOptions {
  executor?: ExecutorName;
  /** `auto` takes the best present: cuda, webgpu, cpu. One that is named must be there. */
  provider?: Provider | 'auto';
  threads: number;
  profilePrefix?: string;
}

/** Below this many parameters a step is shorter on the CPU than the launches of a GPU. */
const GPU_PARAMETERS = 1_000_000;

/** Throws EngineError when an executor or provider is asked for by name and not there. */
export async function chooseExecutor(options: ExecutorOptions, parameterCount: number): Promise<Choice> {
  const { executor = 'onnx', provider = 'auto', threads, profilePrefix } = options;
  if (executor === 'reference') return reference();
  if (executor === 'tensorflow') return tensorflow();
  const chosen = await chooseProvider(provider, parameterCount);
  return {
    executor: onnxExecutor({ threads, provider: chosen.provider, profilePrefix }),
    provider: chosen.provider,
    reason: `ONNX Runtime on ${chosen.provider}: ${chosen.reason}`,
  };
}

async function chooseProvider(
  wanted: Provider | 'auto',
  parameterCount: number,
): Promise<{ provider: Provider; reason: string }> {
  if (wanted === 'cpu') return { provider: 'cpu', reason: 'as asked for.' };
  if (wanted === 'auto' && parameterCount < GPU_PARAMETERS) {
    return { provider: 'cpu', reason: `a network of ${parameterCount} parameters is too small to gain from a GPU.` };
  }
  if (wanted !== 'auto') {
    const failure = await failureOf(wanted);
    if (failure === null) return { provider: wanted, reason: 'as asked for.' };
    throw new EngineError(
      `The run was to be trained on ${wanted}, which ${failure}.`,
      'executor.provider',
      'Ask for AUTO, which takes a GPU where there is one, or for CPU; or install the provider on the machine of the worker.',
    );
  }
  const failures: string[] = [];
  for (const provider of ['cuda', 'webgpu'] as const) {
    const failure = await failureOf(provider);
    if (failure === null) return { provider, reason: 'the first that is present.' };
    failures.push(`${provider} ${failure}`);
  }
  return { provider: 'cpu', reason: `${failures.join('; ')}.` };
}

const tried = new Map<Provider, Promise<string | null>>();

/** Why a provider cannot be used, or null; found out once per process. */
function failureOf(provider: Provider): Promise<string | null> {
  if (!installedProviders().includes(provider)) return Promise.resolve('is not part of the installed ONNX Runtime');
  let result = tried.get(provider);
  if (!result) tried.set(provider, (result = tryProvider(provider)));
  return result;
}

async function reference(): Promise<Choice> {
  await import('@tensorflow/tfjs-backend-cpu');
  return {
    executor: eagerExecutor('reference', 'cpu'),
    provider: 'cpu',
    reason: 'The reference executor in plain JavaScript, as asked for: exact, and slow.',
  };
}

const TENSORFLOW_PACKAGES = { '@tensorflow/tfjs-node-gpu': 'cuda', '@tensorflow/tfjs-node': 'cpu' } as const;

async function tensorflow(): Promise<Choice> {
  const failures: string[] = [];
  for (const [name, provider] of Object.entries(TENSORFLOW_PACKAGES)) {
    try {
      await import(name);
      // TensorFlow takes every core.
      const executor = eagerExecutor('tensorflow', 'tensorflow', availableParallelism());
      return { executor, provider, reason: `TensorFlow by ${name}, as asked for.` };
    } catch (error) {
      failures.push(`${name}: ${(error as Error).message.split('\n')[0]}`);
    }
  }
  throw new EngineError(
    `The tensorflow executor needs one of its packages. ${failures.join(' ')}`,
    'executor.executor',
    'Ask for ONNX, or install @tensorflow/tfjs-node or @tensorflow/tfjs-node-gpu on the machine of the worker.',
  );
}
