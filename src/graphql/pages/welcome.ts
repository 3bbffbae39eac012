import type { FastifyInstance } from 'fastify';
import type { AddressOf } from '../http/public-address';
import { ICON } from './icon';
import { keyFolder } from './key-folder';
import { partsOf, type Part } from './parts';
import { welcomePage } from './welcome.page';
import { WELCOME_SCRIPT } from './welcome.script';
import { WELCOME_STYLE } from './welcome.style';

/** Only what this page is made of: nothing inline, nothing from elsewhere, in no frame. */
const POLICY = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    styleSrc: ["'self'"],
    scriptSrc: ["'self'"],
    imgSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
};

const FILES: Record<string, { type: string; text: string }> = {
  'favicon.svg': { type: 'image/svg+xml', text: ICON },
  // Browsers ask for this name where a page names no icon; they go by the type, not by the ending.
  'favicon.ico': { type: 'image/svg+xml', text: ICON },
  'welcome.css': { type: 'text/css; charset=utf-8', text: WELCOME_STYLE },
  'welcome.js': { type: 'text/javascript; charset=utf-8', text: WELCOME_SCRIPT },
};

/** `/`: a page for people, and the same addresses as JSON for whoever does not ask for HTML. */
export function welcomeRoutes(fastify: FastifyInstance, addressOf: AddressOf, dataDir: string): void {
  const isServed = (url: string) => fastify.hasRoute({ method: 'GET', url });
  fastify.get('/', { helmet: { contentSecurityPolicy: POLICY } }, (request, reply) => {
    void reply.header('cache-control', 'no-cache').header('vary', 'accept');
    const origin = addressOf(request.raw);
    const parts = partsOf(origin, isServed);
    if (!request.headers.accept?.includes('text/html')) return reply.send(overview(parts));
    return reply
      .type('text/html; charset=utf-8')
      .send(welcomePage({ origin, keyFolder: keyFolder(dataDir, request) }, parts));
  });
  for (const [name, { type, text }] of Object.entries(FILES)) {
    fastify.get(`/${name}`, (_request, reply) =>
      reply.type(type).header('cache-control', 'public, max-age=3600').send(text),
    );
  }
}

const overview = (parts: Part[]): Record<string, string> => ({
  name: 'Praxis',
  ...Object.fromEntries(parts.map(({ id, address }) => [id, address])),
});
