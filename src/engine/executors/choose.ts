/** Which executor and provider train, and why. */
import { availableParallelism } from 'node:os';
import {
  EngineError,
  type DeviceOffer,
  type DeviceSharing,
  type ExecutorName,
  type GpuProvider,
  type Provider,
} from '../types';
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
  /** Left out: whatever is there is free. */
  devices?: DeviceSharing;
  profilePrefix?: string;
}

/** What is to be trained. */
export interface TrainingSize {
  parameterCount: number;
  /** Of a GPU's memory; worked out only where one may be taken. */
  bytes(): number;
}

/** Below this many parameters a step is shorter on the CPU than the launches of a GPU. */
const GPU_PARAMETERS = 1_000_000;

/** Throws EngineError when an executor or provider is asked for by name and not to be had. */
export async function chooseExecutor(options: ExecutorOptions, size: TrainingSize): Promise<Choice> {
  const { executor = 'onnx', threads, profilePrefix } = options;
  if (executor === 'reference') return reference();
  if (executor === 'tensorflow') return tensorflow();
  const { provider, device, reason } = await chooseProvider(options, size);
  return {
    executor: onnxExecutor({ threads, provider, device, profilePrefix }),
    provider,
    reason: `ONNX Runtime on ${provider}: ${reason}`,
  };
}

interface ProviderChoice {
  provider: Provider;
  /** Index of the GPU. */
  device?: number;
  reason: string;
}

async function chooseProvider(options: ExecutorOptions, size: TrainingSize): Promise<ProviderChoice> {
  const { provider: wanted = 'auto' } = options;
  if (wanted === 'cpu') return { provider: 'cpu', reason: 'as asked for.' };
  if (wanted !== 'auto') return named(wanted, await take(wanted, options, size));
  if (size.parameterCount < GPU_PARAMETERS) {
    const reason = `a network of ${size.parameterCount} parameters is too small to gain from a GPU.`;
    return { provider: 'cpu', reason };
  }
  const failures: string[] = [];
  for (const provider of ['cuda', 'webgpu'] as const) {
    const taken = await take(provider, options, size);
    if ('index' in taken) {
      return { provider, device: taken.index, reason: `the first that is present${taken.description}.` };
    }
    failures.push(`${provider} ${taken.refusal}`);
  }
  return { provider: 'cpu', reason: `${failures.join('; ')}.` };
}

function named(provider: GpuProvider, taken: DeviceOffer): ProviderChoice {
  if ('index' in taken) return { provider, device: taken.index, reason: `as asked for${taken.description}.` };
  throw new EngineError(
    `The run was to be trained on ${provider}, which ${taken.refusal}.`,
    'executor.provider',
    taken.hint,
  );
}

const ABSENT =
  'Ask for AUTO, which takes a GPU where there is one, or for CPU; or install the provider on the machine of the worker.';

/** A GPU that is free, has the memory, and works; or why not. */
async function take(provider: GpuProvider, { devices }: ExecutorOptions, size: TrainingSize): Promise<DeviceOffer> {
  if (!installedProviders().includes(provider)) {
    return { refusal: 'is not part of the installed ONNX Runtime', hint: ABSENT };
  }
  const offer = await devices?.take({ provider, bytes: size.bytes() });
  if (offer && 'refusal' in offer) return offer;
  const index = offer?.index ?? 0;
  const failure = await failureOf(provider, index);
  if (failure === null) return { index, description: offer ? `, on ${offer.description}` : '' };
  devices?.giveBack();
  return { refusal: failure, hint: ABSENT };
}

const tried = new Map<string, Promise<string | null>>();

/** Why a provider cannot be used, or null; found out once per process. */
function failureOf(provider: Provider, device: number): Promise<string | null> {
  const key = `${provider} ${device}`;
  let result = tried.get(key);
  if (!result) tried.set(key, (result = tryProvider(provider, device)));
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
