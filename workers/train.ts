/** Thread entry: trains one request at a time and reports over the port it is given. */
import type { MessagePort, TransferListItem } from 'node:worker_threads';
import { loadExtensions } from '../src/engine/extensions';
import { train, training } from '../src/engine/run';
import type { DeviceSharing, StreamRequest, TrainPort, TrainRequest, TrainResult } from '../src/engine/types';
import { TableReader } from '../src/compute/training/table-wire';
import {
  ownBytes,
  toFault,
  TrainingControl,
  type TrainMessage,
  type TrainTask,
} from '../src/compute/training/training-wire';

// While no run is there yet; should it fail, the first run tells.
training().catch(() => undefined);

export default async function runTraining(task: TrainTask): Promise<void> {
  const { request, port, control: shared, sharesDevices, extensions, ...options } = task;
  const control = new TrainingControl(shared);
  const send = (message: TrainMessage, transfer: TransferListItem[] = []): void => port.postMessage(message, transfer);
  try {
    const trainPort: TrainPort = {
      emit: (events) => {
        send({ kind: 'events', events });
        control.awaitRoom();
      },
      checkpoint: (bytes, lastOrdinal) => {
        const state = ownBytes(bytes);
        send({ kind: 'checkpoint', state, lastOrdinal }, [state.buffer]);
        control.awaitRoom();
      },
      startsAnew: () => {
        send({ kind: 'startsAnew' });
        control.awaitRoom();
      },
      control: () => control.command,
      learningRate: () => control.learningRate,
      ...(sharesDevices && { devices: devicesOf(port) }),
    };
    await loadExtensions(extensions);
    const result = await withTable(request, (input) => train(input, trainPort, options));
    sendResult(result, send);
  } catch (error) {
    send({ kind: 'failed', fault: toFault(error) });
  }
}

/** Graphs are handed over; of assets copies are, as what made them may keep them for the next training. */
function sendResult(result: TrainResult, send: (message: TrainMessage, transfer: TransferListItem[]) => void): void {
  const variants = result.variants.map((variant) => ({ ...variant, model: ownBytes(variant.model) }));
  const assets = result.assets.map((asset) => ({ ...asset, bytes: new Uint8Array(asset.bytes) }));
  const buffers = [...variants.map(({ model }) => model.buffer), ...assets.map(({ bytes }) => bytes.buffer)];
  send({ kind: 'done', result: { ...result, model: variants[0].model, variants, assets } }, buffers);
}

/** Those that the owner shares out. It answers whatever becomes of the training. */
function devicesOf(port: MessagePort): DeviceSharing {
  const send = (message: TrainMessage): void => port.postMessage(message);
  return {
    take: (need) =>
      new Promise((resolve) => {
        port.once('message', resolve);
        send({ kind: 'device', need });
      }),
    giveBack: () => send({ kind: 'deviceBack' }),
  };
}

async function withTable(
  request: TrainTask['request'],
  body: (request: TrainRequest | StreamRequest) => Promise<TrainResult>,
): Promise<TrainResult> {
  if (!('remote' in request)) return body(request);
  const { remote, ...rest } = request;
  const source = new TableReader(remote);
  try {
    return await body({ ...rest, source });
  } finally {
    source.close();
  }
}
