import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { SocketSession } from '../../src/graphql/socket/socket.session';

/** Both ends of one socket. */
async function open(): Promise<{ session: SocketSession; client: WebSocket; cuts: string[]; end(): void }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as { port: number }).port}`);
  const [[socket, request]] = await Promise.all([once(server, 'connection'), once(client, 'open')]);
  const cuts: string[] = [];
  const session = new SocketSession(socket, request.socket as Duplex, (reason) => void cuts.push(reason));
  const end = () => {
    client.terminate();
    server.close();
  };
  return { session, client, cuts, end };
}

describe('a peer that is asked whether it is there', () => {
  it('stays when it answers', async () => {
    const { session, client, cuts, end } = await open();
    session.askPeer();
    await once(session.socket, 'pong');
    session.askPeer();
    expect([session.isOpen, client.readyState, cuts]).toEqual([true, WebSocket.OPEN, []]);
    end();
  });

  it.each([
    [0, 'silent', 4408],
    [20_000_000, 'slow', 4413],
  ])('is cut when it has not answered by the next time, with %i bytes before it: %s', async (bytes, reason, code) => {
    const { session, client, cuts, end } = await open();
    client.pause();
    if (bytes > 0) session.write('x'.repeat(bytes));
    session.askPeer();
    session.askPeer();
    session.askPeer();
    expect([session.isOpen, cuts]).toEqual([false, [reason]]);
    client.resume();
    expect((await once(client, 'close'))[0]).toBe(code);
    end();
  });
});
