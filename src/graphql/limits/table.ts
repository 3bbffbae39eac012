import { REQUEST_ROWS_MAX } from '../../kernel';

/**
 * What one request may cost, before and after its key is known; docs/limits.md tells it to clients. A batch is one request.
 * Texts and numbers of faults have their bounds in `REFUSAL_LIMITS` of the kernel, as plain routes refuse as well.
 */
export const LIMITS = {
  /** Of a body without an api key: room for a document and its variables. */
  anonymousBodyBytes: 256 * 1024,
  /** Below these the careful scan of a body is left out, as reading it takes less than 50 ms whatever it holds. */
  unscannedBytes: 128 * 1024,
  anonymousUnscannedBytes: 8 * 1024,
  /** Lists and objects within one another. */
  jsonDepth: 64,
  /** Lists and objects of a body. */
  jsonContainers: 50_000,
  /** Different names of fields in a body: each new one costs many times what a known one does. */
  jsonNames: 40_000,
  /** Texts of a body, names not counted. */
  jsonTexts: 500_000,
  /** Values that are separated by commas, of any kind. */
  jsonValues: 1_500_000,

  /** Operations in one HTTP request. */
  batch: 10,
  /** Text of the documents. */
  documentCharacters: 100_000,
  documentLines: 5_000,
  nameCharacters: 200,
  tokens: 3_000,
  /** Of all documents of a batch that are not known yet. */
  requestTokens: 6_000,
  /** Operations and fragments. */
  definitions: 100,
  /** Brackets within one another: selections, arguments, lists, objects, types. */
  brackets: 60,
  /** Levels of selections. */
  depth: 12,
  /** Comparisons of fields that are answered under one name, in all documents of a request: they grow with its square. */
  fieldPairs: 30_000,
  aliases: 30,
  directives: 30,
  complexity: 20_000,
  /** Items of typed lists in the variables; rows and other free JSON are not among them. */
  inputItems: 5_000,
  /** Input objects in the variables: each is checked against the bounds of its fields. */
  inputObjects: 1_000,

  /** Values of variables that are used in several places, counted once for each. */
  repeatedValues: 50_000,
  /** Rows of all predictions of a request. */
  rows: REQUEST_ROWS_MAX,

  /** Values of all answers to a request. */
  answerCharacters: 48 * 1024 * 1024,
  /** Values of all answers to one tenant that have not left the process yet; of each from the first such part on. */
  unsentCharacters: 96 * 1024 * 1024,
  unsentPartCharacters: 256 * 1024,
  /** All errors of one answer; beyond it their issues are left out, then the errors. */
  errorBytes: 32 * 1024,
  /** Errors of one answer. */
  errors: 100,

  /** Of a message over a WebSocket: rows in bulk go over HTTP. */
  socketMessageBytes: 1024 * 1024,
  /** All that a WebSocket may send before its key is known, with the frames around it. */
  strangerBytes: 16 * 1024,
  /** WebSockets of a process whose key is not known yet; a newer one takes the place of the oldest. */
  strangers: 500,
  /** Operations that one WebSocket has open at a time, and the messages that they came in. */
  socketOperations: 100,
  socketCharacters: 4 * 1024 * 1024,
  /** Of the id of an operation, which each of its answers repeats. */
  operationIdCharacters: 100,
  /** Of the message or body that a subscription came in: it is kept for as long as that is open. */
  subscriptionCharacters: 16 * 1024,
  /** Of a pong; one that would be longer goes without the payload of its ping. */
  pongCharacters: 150,
  /** Of one process: parsed documents with their texts, and persisted queries. */
  documentStoreBytes: 32 * 1024 * 1024,
  persistedQueryBytes: 16 * 1024 * 1024,
} as const;
