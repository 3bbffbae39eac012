import type { ModelFiles, OutputBatch } from '../../engine';
import type { RowBlock } from './buffers';
import { InferenceLane } from './inference.lane';
import { modelKey, type ModelSource } from './model-source';

export interface InferenceOptions {
  /** Threads that run models at the same time. */
  lanes: number;
  /** Open models at most; the least recently used one that is idle goes first. */
  sessionsMax: number;
  /** Sum of the open models' file sizes at most, in bytes, per lane. */
  sessionBytesMax: number;
}

export const INFERENCE_DEFAULTS: InferenceOptions = { lanes: 1, sessionsMax: 64, sessionBytesMax: 512 * 1024 * 1024 };

const byteCountOf = ({ model, assets }: ModelFiles): number =>
  assets.reduce((sum, { bytes }) => sum + bytes.byteLength, model.byteLength);

interface Session {
  opened: Promise<void>;
  byteCount: number;
  /** Batches, and the opening itself, that need the session; it is closed only when there are none. */
  holders: number;
  ready: boolean;
  /** To be closed as soon as nobody holds it. */
  doomed: boolean;
}

/**
 * ONNX sessions in threads: opened on first use on every lane, closed when others need the room. The API thread itself
 * never loads ONNX Runtime.
 */
export class InferencePool {
  readonly lanes: InferenceLane[];
  /** Least recently used first. */
  private readonly sessions = new Map<string, Session>();
  private readonly options: InferenceOptions;

  constructor(options: Partial<InferenceOptions> = {}) {
    this.options = { ...INFERENCE_DEFAULTS, ...options };
    this.lanes = Array.from({ length: this.options.lanes }, () => new InferenceLane(1));
  }

  /** True when a batch of this model can start at once. */
  holds(key: string): boolean {
    return this.sessions.get(key)?.ready ?? false;
  }

  get sessionCount(): number {
    return this.sessions.size;
  }

  /** The files of a tenant that are open, as `fileKey` names them. */
  openFiles(tenantId: string): string[] {
    const prefix = modelKey(tenantId, '');
    return [...this.sessions.keys()].flatMap((key) => (key.startsWith(prefix) ? key.slice(prefix.length) : []));
  }

  /** Opens the model on every lane unless it is open. Throws what `load` throws, or that the file is no usable model. */
  async open(source: ModelSource): Promise<void> {
    await this.sessionOf(source).opened;
  }

  /** Runs one batch on the lane; opens the session first where needed. Throws what the model throws. */
  async run(lane: InferenceLane, source: ModelSource, block: RowBlock): Promise<OutputBatch> {
    const session = this.sessionOf(source);
    session.holders++;
    try {
      await session.opened;
      return (await lane.run(source.key, block)) ?? (await this.rerun(lane, source, block));
    } finally {
      this.letGo(source.key, session);
    }
  }

  /** Closes the model's sessions as soon as no batch needs them; a later batch opens it again. */
  evict(key: string): void {
    const session = this.sessions.get(key);
    if (!session) return;
    session.doomed = true;
    if (session.holders === 0) this.closeSession(key);
  }

  /** Waits for the batches in flight, then ends the threads. */
  async close(): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.close()));
  }

  /** The lane's thread was replaced and lost its sessions: open this one there again. */
  private async rerun(lane: InferenceLane, source: ModelSource, block: RowBlock): Promise<OutputBatch> {
    await lane.open(source, await source.load());
    const output = await lane.run(source.key, block);
    if (!output) throw new Error(`The session ${source.key} vanished twice.`);
    return output;
  }

  /** The session, now the most recently used. A failed opening is forgotten, so the next caller tries again. */
  private sessionOf(source: ModelSource): Session {
    let session = this.sessions.get(source.key);
    if (session) {
      this.sessions.delete(source.key);
    } else {
      session = { opened: Promise.resolve(), byteCount: 0, holders: 1, ready: false, doomed: false };
      session.opened = this.openOn(source, session);
    }
    this.sessions.set(source.key, session);
    return session;
  }

  private async openOn(source: ModelSource, session: Session): Promise<void> {
    try {
      const files = await source.load();
      session.byteCount = byteCountOf(files);
      this.makeRoom();
      await Promise.all(this.lanes.map((lane) => lane.open(source, files)));
      session.ready = true;
    } catch (error) {
      session.doomed = true;
      throw error;
    } finally {
      this.letGo(source.key, session);
    }
  }

  private letGo(key: string, session: Session): void {
    session.holders--;
    if (session.holders === 0 && session.doomed && this.sessions.get(key) === session) this.closeSession(key);
  }

  private closeSession(key: string): void {
    this.sessions.delete(key);
    // A lane that is closing refuses the task; its thread ends with the session in it.
    for (const lane of this.lanes) lane.release(key).catch(() => undefined);
  }

  private makeRoom(): void {
    let bytes = 0;
    for (const session of this.sessions.values()) bytes += session.byteCount;
    for (const [key, session] of this.sessions) {
      if (this.sessions.size <= this.options.sessionsMax && bytes <= this.options.sessionBytesMax) return;
      if (session.holders > 0) continue;
      bytes -= session.byteCount;
      this.closeSession(key);
    }
  }
}
