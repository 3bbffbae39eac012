/** Which GPUs the machine has, as `nvidia-smi` says. */
import { execFile } from 'node:child_process';
import { hostname } from 'node:os';

export interface GpuDevice {
  /** The same in every process and container that sees the device. */
  key: string;
  /** As CUDA counts the devices that this process sees. */
  index: number;
  name: string;
  /** Null where it is not known. */
  freeBytes: number | null;
}

const QUERY = ['--query-gpu=index,uuid,name,memory.free', '--format=csv,noheader,nounits'];
/** Without its persistence mode the driver takes a second or two to answer. */
const TIMEOUT_MS = 10_000;
const MEBIBYTE = 1024 * 1024;

/**
 * The devices; where `nvidia-smi` is absent, fails or is silent, one of which nothing is known, so that the runs that name a GPU
 * still take turns. `visible` is CUDA_VISIBLE_DEVICES.
 */
export async function listGpus(visible: string | null): Promise<GpuDevice[]> {
  const devices = visibleGpus(parseGpus(await askDriver()), visible);
  return devices.length > 0 ? devices : [{ key: `of ${hostname()}`, index: 0, name: 'the GPU', freeBytes: null }];
}

/** What it printed before it was ended; a driver that hangs may keep even its end from being seen. */
function askDriver(): Promise<string> {
  return new Promise((resolve) => {
    const options = { timeout: TIMEOUT_MS, killSignal: 'SIGKILL', windowsHide: true } as const;
    const child = execFile('nvidia-smi', QUERY, options, (_, stdout) => resolve(stdout));
    setTimeout(() => resolve(''), TIMEOUT_MS + 1_000).unref();
    child.unref();
  });
}

/** Lines of `index, uuid, name, free MiB`; what is no such line, as words of the driver, is left out. */
export function parseGpus(csv: string): GpuDevice[] {
  return csv.split(/\r?\n/).flatMap((line) => {
    const match = /^\s*(\d+)\s*,\s*(GPU-[\w-]+)\s*,\s*(.+?)\s*,\s*([^,]*)$/.exec(line);
    if (!match) return [];
    const [, index, key, name, free] = match;
    const mebibytes = /^\d+(?= *(MiB)?\s*$)/.exec(free)?.[0];
    return [
      { key, index: Number(index), name, freeBytes: mebibytes === undefined ? null : Number(mebibytes) * MEBIBYTE },
    ];
  });
}

/** Those that CUDA_VISIBLE_DEVICES lets through, in its order and numbered anew; as in CUDA, a name of none ends the list. */
export function visibleGpus(devices: GpuDevice[], visible: string | null): GpuDevice[] {
  if (visible === null) return devices;
  const names = visible.split(',').map((name) => name.trim());
  const found = names.map((name) =>
    devices.find(({ index, key }) =>
      /^\d+$/.test(name) ? index === Number(name) : name !== '' && key.startsWith(name),
    ),
  );
  const end = found.indexOf(undefined);
  return (end < 0 ? found : found.slice(0, end)).map((device, index) => ({ ...device!, index }));
}
