/** Executors and providers by name, what a run is to be trained on, and what it was. */

/** What runs the steps: ONNX Runtime, TensorFlow where it is installed, or plain JavaScript. */
export const EXECUTORS = ['onnx', 'tensorflow', 'reference'] as const;
export type ExecutorName = (typeof EXECUTORS)[number];

export type Provider = 'cpu' | 'cuda' | 'webgpu';
export type GpuProvider = Exclude<Provider, 'cpu'>;

/** What a run is to be trained on. What is named is not replaced by anything else: where it is absent, the run fails. */
export interface ExecutorChoice {
  executor: ExecutorName;
  /** Of `onnx`; `auto`: the best that is there and pays for a network of this size. */
  provider: Provider | 'auto';
}

/** What a model was trained on. */
export interface TrainedOn {
  executor: ExecutorName;
  provider: Provider;
  /** Why, in one sentence. */
  reason: string;
  /** Threads that computed a step. */
  threads: number;
}
