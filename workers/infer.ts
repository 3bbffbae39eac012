/** Entry point of an inference thread: holds open models and runs batches over them, one message at a time. */
import { openExplainer, openModel } from '../src/engine/run';
import { EngineError, type InputBatch } from '../src/engine/types';
import type { RowBlock } from '../src/compute/inference/buffers';
import type { InferReply, InferRequest } from '../src/compute/inference/inference-wire';

type OpenModel = Awaited<ReturnType<typeof openModel>>;

const models = new Map<string, OpenModel>();

export default async function infer(request: InferRequest): Promise<InferReply> {
  const model = models.get(request.key);
  if (request.kind === 'run') {
    if (!model) return { kind: 'missing' };
    return { kind: 'rows', output: await model.predict(toColumns(model, request.block)) };
  }
  models.delete(request.key);
  await model?.release();
  return request.kind === 'open' ? open(request) : { kind: 'done' };
}

async function open({ key, explains, ...open }: Extract<InferRequest, { kind: 'open' }>): Promise<InferReply> {
  const { files, threads } = open;
  try {
    const model = explains
      ? await openExplainer(files, explains, { threads })
      : await openModel(files.model, { threads, assets: files.assets });
    models.set(key, model);
    return { kind: 'done' };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return { kind: 'unusable', message: error.message, hint: error.hint };
  }
}

/** Views into the block's numbers and its lists of text, in the order of the model's inputs. */
function toColumns(model: OpenModel, { rowCount, numbers, texts }: RowBlock): InputBatch {
  let number = 0;
  let text = 0;
  const columns = model.inputs.map((input) =>
    input.type === 'number' ? numbers.subarray(number++ * rowCount, number * rowCount) : texts[text++],
  );
  return { rowCount, columns };
}
