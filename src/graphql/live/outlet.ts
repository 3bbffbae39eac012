import type { HeldKey } from '../../access';
import type { PraxisError } from '../../kernel';

/** More bytes than these wait to leave: nothing is added. */
const FULL_BYTES = 256 * 1024;
/** So few wait that there is room again. */
const ROOM_BYTES = 64 * 1024;
const LOOK_MS = 25;
/** Nothing left for so long: whoever is there does not read. */
const STUCK_MS = 10_000;

/** Why the server ends a connection, as metrics name it. */
export type CutReason = 'key' | 'rights' | 'slow' | 'silent' | 'limit' | 'protocol' | 'going';

/** A connection that subscriptions are sent over. What waits in it to leave is bounded. */
export abstract class Outlet {
  /** Of whoever opened it; null until then. */
  held: HeldKey | null = null;
  private waiting: Promise<boolean> | null = null;

  abstract readonly isOpen: boolean;
  abstract readonly bufferedBytes: number;

  /** Sends, unless it is closed. */
  abstract write(frame: string): void;

  /** Ends it, at once for us; the peer has a second to take note. */
  abstract cut(reason: CutReason, error?: PraxisError): void;

  get isFull(): boolean {
    return this.bufferedBytes > FULL_BYTES;
  }

  /** Waits until there is room; false when the connection is closed, or is cut because its peer does not read. */
  room(): Promise<boolean> {
    if (!this.isFull) return Promise.resolve(this.isOpen);
    return (this.waiting ??= this.untilRoom().finally(() => (this.waiting = null)));
  }

  private async untilRoom(): Promise<boolean> {
    let leastBytes = this.bufferedBytes;
    let movedMs = performance.now();
    while (this.isOpen && this.bufferedBytes > ROOM_BYTES) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      const moved = this.bufferedBytes < leastBytes;
      leastBytes = Math.min(leastBytes, this.bufferedBytes);
      if (moved) movedMs = performance.now();
      else if (performance.now() - movedMs > STUCK_MS) this.cut('slow');
    }
    return this.isOpen;
  }
}

/** One subscription of a connection: what stands around each of its messages. */
export interface Channel {
  outlet: Outlet;
  head: string;
  tail: string;
}
