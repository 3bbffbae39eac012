import type { IncomingMessage } from 'node:http';
import { BlockList, isIPv6, type Socket } from 'node:net';

export interface Reach {
  /** How all clients reach this server, as its operator says; null: as each request says. */
  publicUrl: string | null;
  /** Addresses and networks (CIDR) of proxies whose `X-Forwarded-…` headers are believed. */
  trustedProxies: readonly string[];
}

/** Scheme, host and port at which the sender of a request reaches this server, such as `https://praxis.example`. */
export type AddressOf = (request: IncomingMessage) => string;

/** A name or an IPv4 address, or an IPv6 address in brackets, each with or without a port (RFC 3986, section 3.2.2). */
const HOST = /^(?:[a-z0-9](?:[a-z0-9._-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i;
const WITH_PORT = /:\d+$/;
const DEFAULT_PORTS: Record<string, string> = { http: '80', https: '443' };

/**
 * Anybody can send any Host, so only what has the form of one goes into an address, and only into the answer to its
 * sender. Headers of a proxy count when the connection comes from a trusted one.
 */
export function addressRule({ publicUrl, trustedProxies }: Reach): AddressOf {
  if (publicUrl) return () => publicUrl;
  const trusted = networksOf(trustedProxies);
  return ({ headers, socket }) => {
    const isProxy = trusted !== null && isIn(trusted, socket.remoteAddress);
    const told = (name: string) => (isProxy ? firstOf(headers[`x-forwarded-${name}`]) : undefined);
    const scheme = /^https?$/.exec(told('proto') ?? '')?.[0] ?? ('encrypted' in socket ? 'https' : 'http');
    const host = hostIn(told('host')) ?? hostIn(headers.host) ?? ownAddress(socket);
    return `${scheme}://${withPort(host, scheme, told('port'))}`;
  };
}

function networksOf(entries: readonly string[]): BlockList | null {
  if (entries.length === 0) return null;
  const networks = new BlockList();
  for (const entry of entries) {
    const [address, prefix] = entry.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) networks.addAddress(address, family);
    else networks.addSubnet(address, Number(prefix), family);
  }
  return networks;
}

/** IPv4 inside of IPv6, as a socket on both families says it, is looked up as IPv4. */
const isIn = (networks: BlockList, address: string | undefined): boolean =>
  address !== undefined && networks.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');

/** Of a chain of proxies the first entry is what the client saw. */
const firstOf = (value: string | string[] | undefined): string | undefined =>
  String(value ?? '')
    .split(',')[0]
    .trim();

const hostIn = (text: string | undefined): string | undefined => (text && HOST.test(text) ? text : undefined);

function withPort(host: string, scheme: string, port: string | undefined): string {
  if (!port || !/^\d{1,5}$/.test(port) || WITH_PORT.test(host) || DEFAULT_PORTS[scheme] === port) return host;
  return `${host}:${port}`;
}

function ownAddress({ localAddress = 'localhost', localPort }: Socket): string {
  const plain = localAddress.replace(/^::ffff:/, '');
  return `${isIPv6(plain) ? `[${plain}]` : plain}:${localPort}`;
}
