/** A trained network as one file: a length-prefixed JSON header, then its parameters as little-endian float32. */
import { z } from 'zod';
import { layerSchema, type Layer } from './layer.schema';

export interface NetworkFile {
  /** Without the batch; null: any length. */
  inputShape: (number | null)[];
  layers: Layer[];
  /** By the name of the parameter (network/built.ts). */
  values: Map<string, Float32Array>;
}

const headerSchema = z.object({
  version: z.literal(1),
  inputShape: z.array(z.int().nullable()),
  layers: z.array(layerSchema),
  /** In the order of the values. */
  parameters: z.array(z.object({ name: z.string(), size: z.int() })),
});

export type NetworkHeader = Omit<z.output<typeof headerSchema>, 'version'>;

/** What goes before the values; its length is a multiple of four, so that these are aligned. */
export function encodeNetworkHeader(header: NetworkHeader): Uint8Array {
  const json = JSON.stringify({ version: 1, ...header });
  const text = new TextEncoder().encode(json);
  const bytes = new Uint8Array(4 + Math.ceil(text.length / 4) * 4).fill(0x20);
  new DataView(bytes.buffer).setUint32(0, bytes.length - 4, true);
  bytes.set(text, 4);
  return bytes;
}

/** The values are views of the bytes where these are aligned. */
export function decodeNetworkFile(file: Uint8Array): NetworkFile {
  const bytes = file.byteOffset % 4 === 0 ? file : file.slice();
  const { buffer, byteOffset } = bytes;
  const start = 4 + new DataView(buffer, byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, start)));
  const { inputShape, layers, parameters } = headerSchema.parse(header);
  let at = byteOffset + start;
  const values = new Map(
    parameters.map(({ name, size }) => {
      const values = new Float32Array(buffer, at, size);
      at += size * 4;
      return [name, values];
    }),
  );
  return { inputShape, layers, values };
}
