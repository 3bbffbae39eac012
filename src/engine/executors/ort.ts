/** The only importer of onnxruntime-node. A session over the bytes of a model, fed with typed arrays and strings. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { arch, platform } from 'node:process';
import { InferenceSession, Tensor, listSupportedBackends } from 'onnxruntime-node';
import { encodeModel } from '../onnx/encode';
import { GraphBuilder, type ElementType, type ElementValues } from '../onnx/graph';
import type { Provider } from '../types';

/** Data over a SharedArrayBuffer is refused by ONNX Runtime: copy it first. */
export interface TensorData {
  type: ElementType;
  dims: readonly number[];
  data: ElementValues;
}

export interface SessionOptions {
  threads?: number;
  providers?: Provider[];
  /** Index of the GPU for CUDA; WebGPU chooses its own. */
  device?: number;
  /** File prefix for ONNX Runtime's own profile; written on `endProfiling`. */
  profilePrefix?: string;
}

/** A loaded model. `run` blocks the calling thread inside native code for the whole computation. */
export class OrtSession {
  private constructor(private readonly session: InferenceSession) {}

  /** Throws when the bytes are no valid model or none of the providers can be set up. */
  static async create(model: Uint8Array, options: SessionOptions = {}): Promise<OrtSession> {
    const { threads = 1, providers = ['cpu'], device = 0, profilePrefix } = options;
    const session = await InferenceSession.create(model, {
      executionProviders: providers.map((name) => (name === 'cuda' ? { name, deviceId: device } : name)),
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      // Without it, 8-bit products overflow on x86 processors that have AVX2 or AVX-512 but no VNNI.
      extra: { session: { x64quantprecision: '1' } },
      ...(profilePrefix !== undefined && { enableProfiling: true, profileFilePrefix: profilePrefix }),
    });
    return new OrtSession(session);
  }

  /** Computes the named outputs, or all of them. Inputs are not copied, so they must not change meanwhile. */
  async run(feeds: Record<string, TensorData>, outputs?: readonly string[]): Promise<Record<string, TensorData>> {
    const tensors = Object.entries(feeds).map(
      ([name, { type, dims, data }]) => [name, new Tensor(type as 'float32', data as Float32Array, dims)] as const,
    );
    const results = await this.session.run(Object.fromEntries(tensors), [...(outputs ?? this.session.outputNames)]);
    const values: Record<string, TensorData> = {};
    for (const [name, tensor] of Object.entries(results)) {
      values[name] = { type: tensor.type as ElementType, dims: tensor.dims, data: tensor.data as ElementValues };
    }
    return values;
  }

  /** Ends profiling and flushes the profile file. */
  endProfiling(): void {
    this.session.endProfiling();
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}

/**
 * Providers that the installed binaries contain; whether a device is there shows only when one is tried. CUDA is a library
 * that an install flag adds, and asking for it without that library writes an error to the console.
 */
export function installedProviders(): string[] {
  const root = dirname(require.resolve('onnxruntime-node/package.json'));
  const cuda = join(root, 'bin', 'napi-v6', platform, arch, 'libonnxruntime_providers_cuda.so');
  return listSupportedBackends()
    .filter(({ name, bundled }) => bundled || (name === 'cuda' && existsSync(cuda)))
    .map(({ name }) => name);
}

/** Runs a tiny graph on a provider: null when it works, or why it does not. */
export async function tryProvider(provider: Provider, device = 0): Promise<string | null> {
  const graph = new GraphBuilder('probe');
  graph.input('x', 'float32', [1]);
  graph.output(graph.call('Relu', ['x'], {}, { outputs: ['y'] }), 'float32', [1]);
  try {
    const session = await OrtSession.create(encodeModel(graph), { providers: [provider], device });
    await session.run({ x: { type: 'float32', dims: [1], data: Float32Array.of(1) } });
    await session.release();
    return null;
  } catch (error) {
    return `failed (${(error as Error).message.split('\n')[0]})`;
  }
}
