import type { ServerResponse } from 'node:http';
import type { Caller } from '../../access';
import { PraxisError } from '../../kernel';
import { LIMITS } from '../limits';
import { Outlet } from './outlet';

/** Characters of large answers that have not left this process yet, of each tenant. */
export class UnsentAnswers {
  private readonly characters = new Map<string, number>();

  /** For the answer to one request. */
  open(caller: Caller | null): UnsentAnswer {
    const name = caller && 'tenantId' in caller ? caller.tenantId : (caller?.role ?? '');
    return new UnsentAnswer((more) => this.add(name, more));
  }

  private add(name: string, more: number): void {
    const characters = (this.characters.get(name) ?? 0) + more;
    if (more > 0 && characters > LIMITS.unsentCharacters) throw TOO_MUCH_UNSENT();
    if (characters > 0) this.characters.set(name, characters);
    else this.characters.delete(name);
  }
}

export class UnsentAnswer {
  private characters = 0;

  constructor(private readonly add: (characters: number) => void) {}

  /** @throws PraxisError RATE_LIMITED */
  hold(characters: number): void {
    this.add(characters);
    this.characters += characters;
  }

  /** It has been made, and is held until it has left or never will. */
  releaseAfter(left: ServerResponse | Outlet): void {
    if (this.characters === 0) return;
    if (left instanceof Outlet) void left.room().then(() => this.release());
    else if (left.destroyed) this.release();
    else left.once('close', () => this.release());
  }

  private release(): void {
    this.add(-this.characters);
    this.characters = 0;
  }
}

const TOO_MUCH_UNSENT = (): PraxisError =>
  new PraxisError(
    'RATE_LIMITED',
    `Answers of a tenant that have not been read yet take at most ${LIMITS.unsentCharacters} characters together: read them, or ask for fewer at a time.`,
  );
