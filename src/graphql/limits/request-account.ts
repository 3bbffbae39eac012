import { PraxisError, REFUSAL_LIMITS } from '../../kernel';
import { LIMITS } from './table';

/** What a request has spent: its operations share one account, so that a batch costs no more than a single one. */
export class RequestAccount {
  private documentCharacters = 0;
  private tokens = 0;
  fieldPairsLeft: number = LIMITS.fieldPairs;
  private complexity = 0;
  private rows = 0;
  private answerCharacters = 0;
  private heldCharacters = LIMITS.unsentPartCharacters;
  /** Takes note of what a large answer holds. */
  unsent: { hold(characters: number): void } | null = null;
  /** Of documents; finding one takes a search among names. */
  private faultsLeft: number = REFUSAL_LIMITS.issuesListed;
  errorBytesLeft: number = LIMITS.errorBytes;
  /** The request was well formed, but a document or its variables were not: GraphQL over HTTP tells that apart. */
  isOperationRefused = false;

  /** @throws PraxisError QUERY_TOO_COMPLEX */
  addDocument(source: string): void {
    this.documentCharacters += source.length;
    if (this.documentCharacters <= LIMITS.documentCharacters) return;
    const message = `The documents of a request have at most ${LIMITS.documentCharacters} characters, got ${this.documentCharacters}; send data as variables.`;
    throw new PraxisError('QUERY_TOO_COMPLEX', message);
  }

  /** Of a document that has to be read: one that is known costs nothing. Throws QUERY_TOO_COMPLEX. */
  addTokens(count: number): void {
    this.tokens += count;
    if (this.tokens <= LIMITS.requestTokens) return;
    const message = `The documents of a request have at most ${LIMITS.requestTokens} tokens; send smaller batches.`;
    throw new PraxisError('QUERY_TOO_COMPLEX', message);
  }

  /** @throws PraxisError QUERY_TOO_COMPLEX */
  addFieldPairs(count: number): void {
    this.fieldPairsLeft -= count;
    if (this.fieldPairsLeft < 0) throw new PraxisError('QUERY_TOO_COMPLEX', 'The document repeats too many fields.');
  }

  /** How many faults the next document may have; one at least, as each that is refused says why. */
  get faultsMax(): number {
    return Math.max(1, this.faultsLeft);
  }

  addFaults(count: number): void {
    this.faultsLeft -= count;
  }

  /** Of a prediction. Throws PAYLOAD_TOO_LARGE. */
  addRows(count: number): void {
    this.rows += count;
    if (this.rows <= LIMITS.rows) return;
    const message = `The predictions of one request have at most ${LIMITS.rows} rows together, got ${this.rows}; send the rest in further requests.`;
    throw new PraxisError('PAYLOAD_TOO_LARGE', message);
  }

  /** Of the values of an answer, while it is made. Throws PAYLOAD_TOO_LARGE, RATE_LIMITED. */
  addAnswer(characters: number): void {
    this.answerCharacters += characters;
    if (this.answerCharacters <= this.heldCharacters) return;
    if (this.answerCharacters > LIMITS.answerCharacters) {
      const message = `The values of an answer take at most ${LIMITS.answerCharacters} characters: ask for smaller pages or fewer fields.`;
      throw new PraxisError('PAYLOAD_TOO_LARGE', message);
    }
    const more = this.answerCharacters + LIMITS.unsentPartCharacters - this.heldCharacters;
    this.unsent?.hold(more);
    this.heldCharacters += more;
  }

  /** @throws PraxisError QUERY_TOO_COMPLEX */
  addComplexity(complexity: number): void {
    this.complexity += complexity;
    if (this.complexity <= LIMITS.complexity) return;
    const cost = Number.isFinite(this.complexity) ? Math.ceil(this.complexity) : 'more than can be counted';
    const advice = 'ask for fewer fields or smaller pages';
    const message = `The operation costs ${cost}, at most ${LIMITS.complexity} is allowed: ${advice}.`;
    throw new PraxisError('QUERY_TOO_COMPLEX', message);
  }
}
