import { buildSchema, graphql } from 'graphql';
import { LIMITS } from '../../src/graphql';
import { countAnswers } from '../../src/graphql/schema/answer-size';
import { startPlatform } from './platform.fixture';
import { RawSocket } from './raw-socket';

const platform = startPlatform();
let key: string;
let stranger: string;
beforeAll(async () => {
  key = await platform.createKey('OWNER', (await platform.createTenant()).tenantId);
  stranger = await platform.createKey('OWNER', (await platform.createTenant()).tenantId);
});

const CHARACTERS = 10_000_000;
const LONG = `{ run(end: "long ${CHARACTERS}") }`;
const longs = (count: number): string =>
  `{ ${Array.from({ length: count }, (_, i) => `a${i}: run(end: "long ${CHARACTERS}")`).join(' ')} }`;
/** So many fit; one more does not. */
const ONE_ANSWER = Math.floor(LIMITS.answerCharacters / CHARACTERS);
const UNREAD = Math.floor(LIMITS.unsentCharacters / CHARACTERS);
const MORE = UNREAD + 2;

it('bounds what one request is answered, however few fields it asks for', async () => {
  const fitting = await platform.ask(longs(ONE_ANSWER), { key });
  expect(fitting.text.length).toBeGreaterThan(ONE_ANSWER * CHARACTERS);
  const { data, errors, text } = await platform.ask(longs(ONE_ANSWER + 1), { key });
  expect([data, errors![0].extensions.code]).toEqual([null, 'PAYLOAD_TOO_LARGE']);
  expect(text.length).toBeLessThan(65_536);
});

it('counts the numbers of a typed array as those of a list', async () => {
  const schema = buildSchema('type Query { numbers: [Float!]! }');
  countAnswers(schema);
  const sizes: number[] = [];
  const contextValue = { addAnswer: (size: number) => sizes.push(size) };
  for (const numbers of [[1, 2, 3], Float32Array.of(1, 2, 3), Float64Array.of(1, 2, 3)]) {
    const { data } = await graphql({ schema, source: '{ numbers }', rootValue: { numbers }, contextValue });
    expect(data).toEqual({ numbers: [1, 2, 3] });
  }
  expect(sizes).toEqual([32, 32, 32]);
});

it('counts the answers of a batch together', async () => {
  const batch = Array(ONE_ANSWER + 1).fill({ query: LONG });
  const { text } = await platform.post(JSON.stringify(batch), { authorization: `Bearer ${key}` });
  const refused = (JSON.parse(text) as { errors?: object[] }[]).filter(({ errors }) => errors);
  expect(refused).toHaveLength(1);
});

it('bounds what the answers over a socket hold together until they are read', async () => {
  const socket = await RawSocket.open(platform.url, key);
  socket.socket.pause();
  for (let n = 0; n < MORE; n++) socket.subscribe(`${n}`, LONG);
  // Another tenant is not kept from its answers meanwhile.
  expect((await platform.ask(LONG, { key: stranger })).data.run).toHaveLength(CHARACTERS);
  socket.socket.resume();
  const answers = () => socket.messages.filter(({ type }) => type === 'next');
  await socket.until(() => answers().length === MORE || socket.closed !== null);
  const codes = answers().map(({ payload }) => payload.errors?.[0].extensions.code ?? 'ok');
  expect(codes.filter((code) => code === 'ok')).toHaveLength(UNREAD);
  expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(MORE - UNREAD);
  socket.subscribe('after', LONG);
  await socket.until(() => socket.of('after').length > 0);
  expect(socket.of('after')[0].payload.data.run).toHaveLength(CHARACTERS);
  await socket.end();
});

it('bounds what answers over HTTP hold until they are read, and takes note of clients that have gone', async () => {
  const ask = () =>
    fetch(`${platform.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ query: LONG }),
    });
  const unread = await Promise.all(Array.from({ length: MORE }, ask));
  const lengths = unread.map(({ headers }) => Number(headers.get('content-length')));
  expect(lengths.filter((length) => length > CHARACTERS)).toHaveLength(UNREAD);
  await Promise.all(unread.map(({ body }) => body!.cancel()));
  let answer = await platform.ask(LONG, { key });
  while (answer.errors) answer = await platform.ask(LONG, { key });
  expect(answer.data.run).toHaveLength(CHARACTERS);
});
