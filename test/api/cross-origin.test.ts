import { readConfig } from '../../src/config';
import { startPlatform } from './platform.fixture';

const PAGE = 'https://app.example.com';

describe('with an origin that is allowed', () => {
  const platform = startPlatform({ corsOrigins: [PAGE] });

  const preflight = (path: string, method: string, origin = PAGE) =>
    fetch(`${platform.url}${path}`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': method,
        'access-control-request-headers': 'authorization,content-type',
      },
    });

  it.each([
    ['/graphql', 'POST'],
    ['/uploads/x?token=y', 'PUT'],
    ['/models/x/model.onnx', 'GET'],
  ])('lets its pages ask %s by %s, and remembers that', async (path, method) => {
    const { status, headers } = await preflight(path, method);
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(PAGE);
    expect(headers.get('access-control-allow-methods')).toContain(method);
    expect(headers.get('access-control-allow-headers')).toContain('authorization');
    expect(Number(headers.get('access-control-max-age'))).toBeGreaterThan(600);
    expect(headers.get('access-control-allow-credentials')).toBeNull();
    expect(headers.get('vary')).toMatch(/origin/i);
  });

  it('names the origin in answers and refusals, and shows the request id', async () => {
    const key = await platform.createKey('OWNER', (await platform.createTenant()).tenantId);
    for (const one of [key, undefined]) {
      const { headers, status } = await platform.ask('{ me { role } }', { key: one, headers: { origin: PAGE } });
      expect(status).toBe(one ? 200 : 401);
      expect(headers.get('access-control-allow-origin')).toBe(PAGE);
      expect(headers.get('access-control-expose-headers')).toContain('x-request-id');
    }
  });

  it('does not name another origin', async () => {
    const { headers } = await preflight('/graphql', 'POST', 'https://evil.example.com');
    expect(headers.get('access-control-allow-origin')).not.toBe('https://evil.example.com');
    expect(headers.get('access-control-allow-origin')).not.toBe('*');
  });
});

describe('with no setting', () => {
  const platform = startPlatform();

  it('names no origin at all', async () => {
    const { headers } = await platform.ask('{ __typename }', { headers: { origin: PAGE } });
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('PRAXIS_CORS_ORIGINS', () => {
  it.each([
    [{}, []],
    [
      { PRAXIS_CORS_ORIGINS: 'https://a.example.com, http://localhost:5173' },
      ['https://a.example.com', 'http://localhost:5173'],
    ],
    [{ PRAXIS_CORS_ORIGINS: '*' }, ['*']],
  ])('%j is read as %j', (environment, origins) => {
    expect(readConfig({ PRAXIS_DATA_DIR: '/tmp', ...environment }).corsOrigins).toEqual(origins);
  });

  it.each(['app.example.com', 'https://a.example.com/', 'https://a.example.com/path'])('%s is no origin', (text) => {
    expect(() => readConfig({ PRAXIS_CORS_ORIGINS: text })).toThrow(/PRAXIS_CORS_ORIGINS: must be origins/);
  });
});
