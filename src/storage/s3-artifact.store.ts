import type { ListMultipartUploadsCommandOutput, S3Client } from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import { isStorageFull, PraxisError } from '../kernel';
import { ArtifactCache } from './artifact.cache';
import {
  artifactMissing,
  checkKey,
  chunksOf,
  isKey,
  Meter,
  StorageFull,
  tenantPrefix,
  type ArtifactStore,
  type BytePart,
  type StoredArtifact,
  type WriteOptions,
  type WrittenArtifact,
} from './artifact.store';

export interface S3Options {
  bucket: string;
  region: string;
  /** Any S3-compatible server; omitted: Amazon's. */
  endpoint?: string;
  accessKeyId?: string;
  secretAccessKey?: string;
  /** Directory of the download cache behind `localPath`, and how many bytes it holds. */
  cacheRoot: string;
  cacheBytesMax: number;
  /** Bytes of a part, held in memory while it is sent; S3 wants at least 5 MiB and at most 10,000 parts. Default 8 MiB. */
  partBytes?: number;
}

type Sdk = typeof import('@aws-sdk/client-s3');
const PART_BYTES = 8 * 1024 * 1024;

/** Artifacts as objects in a bucket. S3 shows an object only when it is complete, which gives the atomicity. */
export class S3ArtifactStore implements ArtifactStore {
  private readonly cache: ArtifactCache;
  private connection?: { sdk: Sdk; client: S3Client };

  constructor(private readonly options: S3Options) {
    this.cache = new ArtifactCache(options.cacheRoot, options.cacheBytesMax);
  }

  prepare(): Promise<void> {
    return this.cache.prepare();
  }

  async write(key: string, source: Readable | Uint8Array, options: WriteOptions = {}): Promise<WrittenArtifact> {
    checkKey(key);
    const meter = new Meter(options.byteCountMax);
    const { client } = this.open();
    const { Upload } = require('@aws-sdk/lib-storage') as typeof import('@aws-sdk/lib-storage');
    // One part at a time, as each is held in memory; what was sent of a write that fails is aborted.
    const upload = new Upload({
      client,
      params: { ...this.at(key), Body: Readable.from(metered(chunksOf(source), meter), { objectMode: false }) },
      partSize: this.options.partBytes ?? PART_BYTES,
      queueSize: 1,
    });
    try {
      await upload.done();
    } catch (error) {
      throw translate(error, key);
    }
    await this.cache.delete(key);
    return meter.finish();
  }

  async read(key: string): Promise<Uint8Array> {
    const chunks: Buffer[] = [];
    for await (const chunk of await this.readStream(key)) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  }

  async readStream(key: string, part?: BytePart): Promise<Readable> {
    const { sdk, client } = this.open();
    try {
      const object = await client.send(
        new sdk.GetObjectCommand({ ...this.at(key), Range: part && `bytes=${part.start}-${part.end}` }),
      );
      return object.Body as Readable;
    } catch (error) {
      throw translate(error, key);
    }
  }

  /** Artifacts never change under a key that is in use, so a cached copy stays right. */
  async localPath(key: string): Promise<string> {
    return (await this.cache.find(checkKey(key))) ?? this.cache.add(key, await this.readStream(key));
  }

  async delete(key: string): Promise<void> {
    const { sdk, client } = this.open();
    await client.send(new sdk.DeleteObjectCommand(this.at(key))).catch((error: unknown) => {
      throw translate(error, key);
    });
    await this.cache.delete(key);
  }

  list(tenantId: string): AsyncIterable<StoredArtifact> {
    return this.listBelow(tenantPrefix(tenantId));
  }

  listAll(): AsyncIterable<StoredArtifact> {
    return this.listBelow('tenants/');
  }

  private async *listBelow(Prefix: string): AsyncGenerator<StoredArtifact> {
    const { sdk, client } = this.open();
    const pages = sdk.paginateListObjectsV2({ client }, { Bucket: this.options.bucket, Prefix });
    try {
      for await (const { Contents = [] } of pages) {
        for (const { Key = '', Size = 0, LastModified } of Contents) {
          if (isKey(Key)) yield { key: Key, byteCount: Size, writtenAt: LastModified!.getTime() };
        }
      }
    } catch (error) {
      throw translate(error, Prefix);
    }
  }

  /** S3 keeps the parts of a write that was never completed, and asks to be paid for them. */
  async sweep(olderThanMs: number): Promise<void> {
    const { sdk, client } = this.open();
    const { bucket: Bucket } = this.options;
    let page: ListMultipartUploadsCommandOutput | undefined;
    do {
      const { NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page ?? {};
      page = await client.send(new sdk.ListMultipartUploadsCommand({ Bucket, KeyMarker, UploadIdMarker }));
      for (const { Key = '', UploadId, Initiated } of page.Uploads ?? []) {
        if (!isKey(Key) || Date.now() - Initiated!.getTime() <= olderThanMs) continue;
        await client.send(new sdk.AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
      }
    } while (page.IsTruncated);
  }

  /** Frees the sockets. */
  close(): void {
    this.connection?.client.destroy();
  }

  private at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.options.bucket, Key: checkKey(key) };
  }

  /** The SDK is heavy, so it loads only where a bucket is used. Checksums of its own break most other servers. */
  private open(): { sdk: Sdk; client: S3Client } {
    if (!this.connection) {
      const sdk = require('@aws-sdk/client-s3') as Sdk;
      const { endpoint, region, accessKeyId, secretAccessKey } = this.options;
      const credentials = accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined;
      const client = new sdk.S3Client({
        region,
        endpoint,
        credentials,
        forcePathStyle: true,
        requestChecksumCalculation: 'WHEN_REQUIRED',
        responseChecksumValidation: 'WHEN_REQUIRED',
      });
      this.connection = { sdk, client };
    }
    return this.connection;
  }
}

async function* metered(chunks: AsyncGenerator<Uint8Array>, meter: Meter): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    meter.add(chunk);
    yield chunk;
  }
}

function translate(error: unknown, key: string): unknown {
  if (error instanceof PraxisError) return error;
  const fault = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  if (isStorageFull(error)) return new StorageFull(error);
  if (fault.name === 'NoSuchKey' || fault.$metadata?.httpStatusCode === 404) return artifactMissing(key, error);
  // The SDK marks its errors; one without a status never got an answer.
  const away = fault.$metadata && (fault.$metadata.httpStatusCode ?? 503) >= 500;
  if (!away) return error;
  return new PraxisError('UNAVAILABLE', 'The object storage does not answer; try again later.', { cause: error });
}
