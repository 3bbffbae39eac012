/** A server on a socket that speaks the part of the S3 protocol that the store uses. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { newId } from '../../src/kernel';

export const MIB = 1024 * 1024;
export const BUCKET = 'praxis';

/** Objects and open multipart uploads in memory; answers as the S3 API reference says. */
export class BucketServer {
  readonly objects = new Map<string, Buffer>();
  readonly uploads = new Map<string, Map<number, Buffer>>();
  /** When objects were written and uploads begun, where not now. */
  readonly dates = new Map<string, Date>();
  readonly requests: string[] = [];
  private readonly uploadKeys = new Map<string, string>();
  failParts = false;
  private readonly server: Server = createServer((request, response) => void this.answer(request, response));

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bytesOf(request);
    const { pathname, searchParams } = new URL(request.url!, 'http://localhost');
    const key = pathname.slice(`/${BUCKET}/`.length);
    const upload = searchParams.get('uploadId');
    const method = request.method!;
    this.requests.push(upload || searchParams.has('uploads') ? `${method} multipart` : method);
    if (!request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 Credential=key/')) return send(response, 403, '');
    if (method === 'POST' && searchParams.has('uploads')) return this.begin(response, key);
    if (method === 'POST') return this.complete(response, key, upload!, body.toString());
    if (method === 'DELETE') {
      if (upload) this.uploads.delete(upload);
      else this.objects.delete(key);
      return send(response, 204, '');
    }
    if (method === 'GET' && searchParams.has('uploads')) return this.listUploads(response, searchParams);
    if (method === 'GET' && searchParams.has('list-type')) return this.list(response, searchParams);
    if (method === 'GET') return this.get(response, key, request.headers.range);
    if (!upload) return this.objects.set(key, body) && send(response, 200, '', etagOf(body));
    if (this.failParts) return send(response, 400, '<Error><Code>InvalidPart</Code></Error>');
    const parts = this.uploads.get(upload);
    if (!parts) return send(response, 404, '<Error><Code>NoSuchUpload</Code></Error>');
    parts.set(Number(searchParams.get('partNumber')), body);
    return send(response, 200, '', etagOf(body));
  }

  private begin(response: ServerResponse, key: string): void {
    const id = newId();
    this.uploads.set(id, new Map());
    this.uploadKeys.set(id, key);
    send(response, 200, `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
  }

  private complete(response: ServerResponse, key: string, id: string, manifest: string): void {
    const parts = this.uploads.get(id)!;
    const listed = [...manifest.matchAll(/<PartNumber>(\d+)<\/PartNumber>/g)].map(([, number]) => Number(number));
    const bodies = listed.map((number) => parts.get(number)!);
    // The rule of S3: every part but the last has at least 5 MiB.
    if (bodies.slice(0, -1).some((part) => part.length < 5 * MIB))
      return send(response, 400, '<Error><Code>EntityTooSmall</Code></Error>');
    this.objects.set(key, Buffer.concat(bodies));
    this.uploads.delete(id);
    send(response, 200, '<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>');
  }

  /** Two keys a page, as the real one has a thousand. */
  private list(response: ServerResponse, query: URLSearchParams): void {
    const after = query.get('continuation-token') ?? '';
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(query.get('prefix') ?? '') && key > after);
    const [page, more] = [keys.sort().slice(0, 2), keys.length > 2];
    const contents = page.map(
      (key) =>
        `<Contents><Key>${key}</Key><Size>${this.objects.get(key)!.length}</Size>` +
        `<LastModified>${this.dateOf(key)}</LastModified></Contents>`,
    );
    const token = more ? `<NextContinuationToken>${page[1]}</NextContinuationToken>` : '';
    const xml = `<ListBucketResult><IsTruncated>${more}</IsTruncated>${token}${contents.join('')}</ListBucketResult>`;
    send(response, 200, xml);
  }

  /** One upload a page. */
  private listUploads(response: ServerResponse, query: URLSearchParams): void {
    const after = query.get('upload-id-marker') ?? '';
    const ids = [...this.uploads.keys()].filter((id) => id > after).sort();
    const uploads = ids.slice(0, 1).map((id) => {
      const parts = `<Key>${this.uploadKeys.get(id)}</Key><UploadId>${id}</UploadId>`;
      return `<Upload>${parts}<Initiated>${this.dateOf(id)}</Initiated></Upload>`;
    });
    const marker = `<NextKeyMarker>${this.uploadKeys.get(ids[0])}</NextKeyMarker><NextUploadIdMarker>${ids[0]}</NextUploadIdMarker>`;
    const more = `<IsTruncated>${ids.length > 1}</IsTruncated>${ids.length > 1 ? marker : ''}`;
    send(response, 200, `<ListMultipartUploadsResult>${more}${uploads.join('')}</ListMultipartUploadsResult>`);
  }

  private dateOf(name: string): string {
    return (this.dates.get(name) ?? new Date()).toISOString();
  }

  private get(response: ServerResponse, key: string, range?: string): void {
    const object = this.objects.get(key);
    if (!object) return send(response, 404, '<Error><Code>NoSuchKey</Code></Error>');
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
    if (last !== undefined) {
      const part = object.subarray(Number(first), Number(last) + 1);
      response.writeHead(206, { 'content-length': part.length }).end(part);
      return;
    }
    response.writeHead(200, { 'content-length': object.length }).end(object);
  }
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, status: number, body: string, etag?: string): void {
  response.writeHead(status, { 'content-type': 'application/xml', ...(etag ? { etag } : {}) }).end(body);
}

const etagOf = (body: Buffer) => `"${createHash('md5').update(body).digest('hex')}"`;
