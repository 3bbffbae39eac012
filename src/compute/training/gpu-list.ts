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

interface DriverQuery {
  command: string;
  timeoutMs: number;
}

/** Without its persistence mode the driver takes a second or two to answer. */
const DRIVER: DriverQuery = { command: 'nvidia-smi', timeoutMs: 10_000 };
const MEBIBYTE = 1024 * 1024;

/**
 * The devices; where `nvidia-smi` is absent, fails or is silent, one of which nothing is known, so that the runs that name a GPU
 * still take turns. `visible` is CUDA_VISIBLE_DEVICES.
 */
export async function listGpus(visible: string | null, query: Partial<DriverQuery> = {}): Promise<GpuDevice[]> {
  const devices = visibleGpus(parseGpus(await askDriver({ ...DRIVER, ...query })), visible);
  return devices.length > 0 ? devices : [{ key: `of ${hostname()}`, index: 0, name: 'the GPU', freeBytes: null }];
}

/** What it printed; nothing when it took too long. A driver that hangs may keep the process from ending, so nobody waits for that. */
function askDriver({ command, timeoutMs }: DriverQuery): Promise<string> {
  return new Promise((resolve) => {
    const child = execFile(command, QUERY, { windowsHide: true }, (_, stdout) => {
      clearTimeout(timer);
      resolve(stdout);
    });
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      resolve('');
    }, timeoutMs);
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
